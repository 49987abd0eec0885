package main

import (
	"fmt"

	"betang/classroom"
)

// demoPeople are invented: two of each regency, PNS and PPPK, provincial and regency staff. Names and numbers
// belong to nobody.
func demoPeople() []classroom.Person {
	rows := []struct {
		nip, front, name, back, grade, position, unit, instansi, region string
	}{
		{"198703152010012007", "", "Sri Wahyuni", "S.Pd., M.Pd.", "III/d", "Guru Ahli Muda", "Dinas Pendidikan", "Pemerintah Provinsi Kalimantan Tengah", "62.02"},
		{"199011022015031004", "", "Budi Hartono", "S.Kom.", "III/c", "Pranata Komputer Ahli Muda", "Dinas Komunikasi dan Informatika", "Pemerintah Kabupaten Kotawaringin Barat", "62.01"},
		{"198505202009041003", "Drs.", "Untung Prasetyo", "M.Si.", "IV/a", "Kepala Bidang Pengembangan Kompetensi", "BPSDM", "Pemerintah Provinsi Kalimantan Tengah", "62.71"},
		{"199206172019032011", "", "Dewi Lestari Simatupang", "S.Kep., Ners", "III/b", "Perawat Ahli Pertama", "Dinas Kesehatan", "Pemerintah Kabupaten Kapuas", "62.03"},
		{"198812312022211015", "", "Yulius Sandan", "S.P.", "IX", "Penyuluh Pertanian Ahli Pertama", "Dinas Pertanian", "Pemerintah Kabupaten Barito Selatan", "62.04"},
		{"197909092005012018", "Hj.", "Norhayati", "S.Sos.", "IV/a", "Sekretaris Camat", "Kecamatan Teweh Tengah", "Pemerintah Kabupaten Barito Utara", "62.05"},
		{"199508252020121006", "", "Rizky Ramadhan", "S.STP.", "III/b", "Analis Kebijakan Ahli Pertama", "Sekretariat Daerah", "Pemerintah Kabupaten Katingan", "62.06"},
		{"199304142023212021", "", "Maria Ulfah", "A.Md.Keb.", "VII", "Bidan Terampil", "Dinas Kesehatan", "Pemerintah Kabupaten Seruyan", "62.07"},
		{"198601282011011009", "", "Hendra Gunawan", "S.E.", "III/d", "Kepala Subbagian Keuangan", "Badan Keuangan dan Aset Daerah", "Pemerintah Kabupaten Sukamara", "62.08"},
		{"199107072014022005", "", "Fransiska Tiwi", "S.Hut.", "III/c", "Penyuluh Kehutanan Ahli Muda", "Dinas Kehutanan", "Pemerintah Provinsi Kalimantan Tengah", "62.09"},
		{"198410032008031002", "", "Lampang Djudae", "S.T., M.T.", "IV/a", "Kepala Bidang Bina Marga", "Dinas Pekerjaan Umum", "Pemerintah Kabupaten Gunung Mas", "62.10"},
		{"199712192022032014", "", "Aulia Rahmah", "S.Tr.IP.", "III/a", "Penata Kelola Pemerintahan", "Kecamatan Kahayan Hilir", "Pemerintah Kabupaten Pulang Pisau", "62.11"},
		{"198902112024211009", "", "Markus Tuwan", "S.Pd.", "IX", "Guru Ahli Pertama", "Dinas Pendidikan", "Pemerintah Kabupaten Murung Raya", "62.12"},
		{"198207162006042013", "dr.", "Helena Asi", "M.Kes.", "IV/b", "Direktur RSUD", "RSUD Tamiang Layang", "Pemerintah Kabupaten Barito Timur", "62.13"},
		{"199405302018011003", "", "Arif Kurniawan", "S.IP.", "III/b", "Analis SDM Aparatur Ahli Pertama", "BKPSDM", "Pemerintah Kota Palangka Raya", "62.71"},
		{"198808182012012022", "", "Kristina Bulan", "S.H.", "III/d", "Perancang Peraturan Ahli Muda", "Sekretariat Daerah", "Pemerintah Kabupaten Kotawaringin Timur", "62.02"},
		{"199002092023211008", "", "Supriadi", "", "V", "Operator Layanan Operasional", "Dinas Perhubungan", "Pemerintah Kabupaten Kotawaringin Barat", "62.01"},
		{"199609242021022009", "", "Nadia Oktaviani", "S.Stat.", "III/a", "Statistisi Ahli Pertama", "Diskominfosantik", "Pemerintah Provinsi Kalimantan Tengah", "62.71"},
		{"198106052007011005", "Ir.", "Gerson Tamba", "M.P.", "IV/b", "Kepala Dinas", "Dinas Ketahanan Pangan", "Pemerintah Kabupaten Katingan", "62.06"},
		{"199810102024212031", "", "Siti Khadijah", "S.Farm., Apt.", "IX", "Apoteker Ahli Pertama", "RSUD Kuala Kapuas", "Pemerintah Kabupaten Kapuas", "62.03"},
	}
	people := make([]classroom.Person, len(rows))
	for i, r := range rows {
		kind := "PNS"
		if r.nip[12] == '2' {
			kind = "PPPK"
		}
		people[i] = classroom.Person{
			ID: classroom.PersonID(fmt.Sprintf("demo-%02d", i+1)), NIP: r.nip, Front: r.front, Name: r.name, Back: r.back,
			Kind: kind, Grade: r.grade, Position: r.position, Unit: r.unit, Instansi: r.instansi, Region: r.region, Verified: true,
		}
	}
	return people
}
