package export

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"
)

func TestSlips(t *testing.T) {
	at := time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC)
	s := Slips{At: at, Title: "Kuliah Umum Gubernur: Arah Pembangunan Kalimantan Tengah dan Peran Aparatur Sipil Negara di Pedalaman"}
	for i := range 15 {
		s.Slips = append(s.Slips, Slip{Name: fmt.Sprintf("Orang Rekaan %d, S.Pd.", i), NIP: "1990••••••••••••01", Unit: "Dinas Kesehatan", Code: "K7QM-2F9D"})
	}
	s.Slips = append(s.Slips, Slip{
		Name: "Prof. Dr. Ir. Hj. Nama Panjang Sekali Tiada Terkira Banyaknya, S.Sos., M.Si., M.Pd., Ph.D. dan Seterusnya Lagi",
		NIP:  "1990••••••••••••01", Unit: "Dinas Pemberdayaan Perempuan, Perlindungan Anak, Pengendalian Penduduk, dan Keluarga Berencana", Code: "0000-ZZZZ",
	}, Slip{Name: "Tanpa Unit", Code: "1234-5678"})
	var a, b bytes.Buffer
	if err := s.Write(&a); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(&b); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Errorf("the same slips are not the same bytes: %v", err)
	}
	// 15 slips of one unit are two pages; each of the two other units begins its own.
	if pages := bytes.Count(a.Bytes(), []byte("/Type /Page\n")); pages != 4 {
		t.Errorf("%d pages", pages)
	}
	if to := os.Getenv("BETANG_SHOTS"); to != "" {
		if err := os.WriteFile(to+"/slips.pdf", a.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
