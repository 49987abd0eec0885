package audit

import (
	"regexp"
	"strings"

	"betang/classroom/proof"
)

// places are the words for where a finding of package proof or ratify is.
var places = strings.NewReplacer(
	"database, ", "basis data, ", "key and signature", "kunci dan tanda tangan", "manifest", "manifes", "frame", "kerangka berkas",
	"evidence of row ", "bukti baris ", "evidence", "bukti", "ratified_jp", "tabel ratified_jp", "ratified_void", "tabel ratified_void",
	"ratified", "tabel ratified", "events", "tabel events", "journal", "jurnal", "edges", "simpul", "edge ", "simpul ",
	"rows", "semua baris", "row ", "baris ",
)

// sentences turn what those packages say into Indonesian.
var sentences = []struct {
	en *regexp.Regexp
	id string
}{
	{say(`is not what was signed: piece (\d+) is missing`), "bukan yang ditandatangani: potongan $1 hilang"},
	{say(`is not what was signed: piece (\d+) was added`), "bukan yang ditandatangani: potongan $1 ditambahkan"},
	{say(`is not what was signed: piece (\d+), (\w+)`), "bukan yang ditandatangani: potongan $1, $2"},
	{say(`is not what was signed: the row or its path was changed or added`), "bukan yang ditandatangani: baris atau jalurnya diubah atau ditambahkan"},
	{say(`is not what was signed`), "bukan yang ditandatangani"},
	{say(`is missing`), "hilang"},
	{say(`cannot be read: (?:it was|they were) changed`), "tidak terbaca: telah diubah"},
	{say(`was changed`), "diubah"},
	{say(`line 3 was changed`), "baris ketiga berkas diubah"},
	{say(`the end was changed or cut off`), "akhir berkas diubah atau terpotong"},
	{say(`not a Betang attendance document, or cut off`), "bukan dokumen kehadiran Betang, atau terpotong"},
	{say(`cannot be judged: what they are checked against was itself changed`), "tidak dapat dinilai: pembandingnya sendiri diubah"},
	{say(`signed by another key than the one given`), "ditandatangani dengan kunci lain daripada yang diberikan"},
	{say(`the signature does not fit: the manifest, the key or the signature was changed`), "tanda tangan tidak cocok: manifes, kunci atau tanda tangan diubah"},
	{say(`row (\d+) stands in its place`), "baris $1 berada di tempatnya"},
	{say(`the credit does not follow from the evidence by the rule of the manifest`), "hasilnya tidak sesuai dengan bukti menurut aturan manifes"},
	{say(`(.+) is not known to this program`), "$1 tidak dikenal program ini"},
	{say(`a proof holds one row, this one (\d+)`), "bukti perorangan memuat satu baris, yang ini $1"},
	{say(`its signature does not fit`), "tanda tangannya tidak cocok"},
	{say(`the evidence in the list is not what that server signed`), "bukti dalam daftar bukan yang ditandatangani server itu"},
	{say(`signed nothing of this list`), "tidak menandatangani apa pun dari daftar ini"},
	{say(`number (\S+) is missing`), "nomor $1 hilang"},
	{say(`the copy of number (\S+) is not what was signed`), "salinan nomor $1 bukan yang ditandatangani"},
	{say(`fact (\d+) is not the one that was signed`), "fakta $1 bukan yang ditandatangani"},
	{say(`whether number (\S+) is void is not what the journal says`), "batal tidaknya nomor $1 tidak sesuai dengan jurnal"},
	{say(`of (\d+) people who are not in the signed list`), "$1 orang yang tidak ada dalam daftar yang ditandatangani"},
	{say(`of row (\d+) is not what was signed`), "baris $1 bukan yang ditandatangani"},
	{say(`is not (\d+)`), "bukan $1"},
	{say(`what (\S+) signed is missing`), "yang ditandatangani $1 hilang"},
	{say(`cannot be read: (.+)`), "tidak terbaca: $1"},
	{say(`cannot be replayed: (.+)`), "tidak dapat diputar ulang: $1"},
	{say(`edge (\d+) is not in the manifest`), "simpul $1 tidak ada dalam manifes"},
}

func say(en string) *regexp.Regexp { return regexp.MustCompile("^" + en + "$") }

// Indonesian is a finding of package proof or ratify in Indonesian. What it has no words for stays as it is.
func Indonesian(f proof.Finding) string {
	why := f.Why
	for _, s := range sentences {
		if s.en.MatchString(why) {
			why = s.en.ReplaceAllString(why, s.id)
			break
		}
	}
	where := places.Replace(f.Where)
	if f.Field != "" {
		where += ", bidang " + f.Field
	}
	return where + ": " + why
}
