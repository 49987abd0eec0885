package wire

import (
	"slices"
	"strings"
)

// Sentence is what a person reads when an error is shown.
type Sentence struct{ ID, EN string }

var serverTrouble = Sentence{"Terjadi kendala pada server. Coba lagi.", "Server problem. Try again."}

// sentences holds a sentence in each language for every code. Formal Indonesian, "Anda", short; a sentence says what
// to do next where something can be done. None repeats what the person typed.
var sentences = map[string]Sentence{
	// The socket and its messages.
	"message_malformed": {"Pesan dari halaman ini tidak dapat dibaca. Muat ulang halaman.", "A message from this page could not be read. Reload the page."},
	"message_unknown":   {"Halaman ini dan server berbeda versi. Muat ulang halaman.", "This page and the server differ in version. Reload the page."},
	"message_too_big":   {"Pesan terlalu besar.", "The message is too big."},
	"message_rate":      {"Terlalu banyak permintaan. Tunggu sebentar lalu coba lagi.", "Too many requests. Wait a moment and try again."},
	"hello_expected":    {"Sambungan tidak dikenali. Muat ulang halaman.", "The connection was not recognised. Reload the page."},
	"hello_repeated":    {"Sambungan sudah dibuka. Muat ulang halaman.", "The connection is already open. Reload the page."},
	"hello_late":        {"Sambungan terlalu lama tidak dimulai. Coba lagi.", "The connection took too long to start. Try again."},
	"version_unknown":   {"Halaman ini dan server berbeda versi. Muat ulang halaman.", "This page and the server differ in version. Reload the page."},
	"id_malformed":      {"Yang dimaksud tidak ditemukan. Muat ulang halaman.", "What was meant could not be found. Reload the page."},
	"text_empty":        {"Isi masih kosong.", "The text is empty."},
	"text_too_long":     {"Teks terlalu panjang. Mohon dipersingkat.", "The text is too long. Please shorten it."},
	"text_unreadable":   {"Tulislah dengan kata-kata; emoji boleh beberapa saja.", "Write in words; a few emoji are fine."},
	"text_control":      {"Teks memuat karakter yang tidak diizinkan. Ketik ulang tanpa menyalin dari tempat lain.", "The text holds characters that are not allowed. Type it again instead of pasting."},
	"busy":              {"Server sedang sibuk. Coba lagi sebentar lagi.", "The server is busy. Try again in a moment."},
	"server_full":       {"Server sedang penuh. Halaman akan mencoba lagi.", "The server is full. The page will try again."},
	"internal":          serverTrouble,
	"storage":           {"Terjadi kendala pada penyimpanan di server. Coba lagi.", "The server could not store this. Try again."},

	// Goodbyes.
	"bye_restart":  {"Server dimulai ulang. Menyambung kembali…", "The server is restarting. Reconnecting…"},
	"bye_ended":    {"Kegiatan telah selesai.", "The event has ended."},
	"bye_replaced": {"Halaman ini dibuka lagi di tempat lain.", "This page was opened again elsewhere."},
	"bye_revoked":  {"Sesi masuk berakhir, silakan masuk kembali.", "Session expired, sign in again."},
	"bye_banned":   {"Panitia mengeluarkan Anda dari kegiatan ini. Hubungi panitia bila ini keliru.", "The committee removed you from this event. Contact the committee if this is a mistake."},
	"bye_protocol": {"Halaman ini dan server tidak saling memahami. Muat ulang halaman.", "This page and the server do not understand each other. Reload the page."},
	"bye_moved":    {"Anda dipindahkan ke server lain. Menyambung…", "You are being moved to another server. Connecting…"},
	"bye_slow":     {"Jaringan Anda terlalu lambat untuk sambungan ini. Menyambung kembali…", "Your network is too slow for this connection. Reconnecting…"},

	// Tokens and roles.
	"token_invalid":     {"Tautan tidak berlaku. Hubungi panitia.", "The link is not valid. Contact the committee."},
	"token_expired":     {"Sesi masuk berakhir, silakan masuk kembali.", "Session expired, sign in again."},
	"token_revoked":     {"Tautan ini telah dibatalkan. Hubungi panitia.", "This link was withdrawn. Contact the committee."},
	"token_event":       {"Tautan ini untuk kegiatan lain.", "This link is for another event."},
	"token_door":        {"Tunjukkan dahulu siapa Anda: masukkan NIP atau kode.", "First show who you are: enter your NIP or code."},
	"not_allowed":       {"Anda tidak memiliki akses.", "You have no access."},
	"already_ratified":  {"Kehadiran kegiatan ini sudah ditetapkan. Muat ulang halaman untuk melihatnya.", "The attendance of this event was ratified already. Reload the page to see it."},
	"event_not_ended":   {"Akhiri kegiatan dahulu, baru kehadiran dapat ditetapkan.", "End the event first; then its attendance can be ratified."},
	"evidence_open":     {"Kehadiran masih dihitung. Tunggu 15 detik sesudah kegiatan berakhir, lalu coba lagi.", "Attendance is still being counted. Wait 15 seconds after the end of the event, then try again."},
	"nothing_to_revise": {"Tidak ada yang berubah sejak penetapan terakhir; revisi tidak diperlukan.", "Nothing changed since it was ratified last; no revision is needed."},
	"ratify_who_why":    {"Isi nama dan jabatan yang menetapkan, serta dasar penetapan.", "Fill in who ratifies, with their office, and on what ground."},
	"ratify_order":      {"Urutan daftar tidak dikenal. Pilih menurut perangkat daerah atau menurut protokol.", "Unknown order of the list. Choose by unit or by protocol."},
	"ratified_broken":   {"Dokumen penetapan di server tidak lagi seperti saat ditandatangani. Hubungi pengelola server.", "The ratified document on the server is no longer as it was signed. Contact the server's operator."},
	"not_ratified":      {"Kehadiran kegiatan ini belum ditetapkan. Tetapkan lebih dahulu, lalu unduh dokumennya.", "The attendance of this event is not ratified yet. Ratify it first, then download the document."},
	"number_unknown":    {"Nomor dokumen tidak ditemukan. Periksa kembali.", "No document has this number. Check it again."},
	"event_unknown":     {"Kegiatan tidak ditemukan. Periksa tautan Anda.", "No such event. Check your link."},

	// Corrections.
	"correction_reason":  {"Tulis alasan paling sedikit 10 dan paling banyak 500 karakter.", "Give a reason of 10 to 500 characters."},
	"correction_who":     {"Isi nama dan jabatan yang memutuskan.", "Fill in who decides, with their office."},
	"correction_span":    {"Waktu itu di luar waktu siaran kegiatan. Periksa jam mulai dan selesainya.", "That time lies outside the event's live time. Check its beginning and end."},
	"correction_open":    {"Tiga permohonan Anda masih menunggu keputusan. Tunggu dahulu.", "Three of your requests still wait for a decision. Please wait."},
	"correction_many":    {"Jumlah permohonan untuk kegiatan ini sudah mencapai batas. Hubungi panitia.", "You have reached the number of requests for this event. Contact the committee."},
	"correction_overlap": {"Permohonan untuk waktu yang sama masih menunggu keputusan.", "A request for the same time still waits for a decision."},
	"correction_unknown": {"Permohonan tidak ditemukan. Muat ulang halaman.", "No such request. Reload the page."},
	"correction_same":    {"Permohonan ini sudah diputuskan demikian. Tidak ada yang perlu diubah.", "This request was decided so already. Nothing needs to change."},
	"correction_times":   {"Permohonan ini sudah terlalu sering diputuskan. Gunakan “Buat koreksi” untuk perubahan berikutnya.", "This request was decided too often. Use “Make a correction” for the next change."},
	"correction_rule":    {"Kegiatan ini memakai aturan versi 1, yang tidak mengenal koreksi. Catat perubahannya dalam berita acara.", "This event follows rule version 1, which knows no corrections. Note the change in the minutes."},

	"correction_other":  {"NIP itu tercatat atas nama orang lain dalam daftar pegawai. Periksa NIP dan namanya.", "The roster has that NIP under another name. Check the NIP and the name."},
	"correction_person": {"Orang yang dimaksud tidak dikenal. Muat ulang halaman.", "Unknown person. Reload the page."},

	// The event's policy, and lists that are taken back.
	"policy_moved":    {"Ketentuan ini baru saja diubah orang lain. Muat ulang, lalu periksa kembali.", "Somebody else just changed this. Reload, then check again."},
	"policy_same":     {"Ketentuan ini tidak berbeda dari yang berlaku. Ubah isinya, atau tutup formulir ini.", "This is no different from what applies already. Change something, or close the form."},
	"policy_many":     {"Ketentuan kegiatan ini sudah terlalu sering diubah. Hubungi pengelola server.", "The policy of this event was changed too often. Contact the server's operator."},
	"policy_ratified": {"Kehadiran sudah ditetapkan, sehingga ketentuannya tetap. Batalkan penetapan itu lebih dahulu bila memang keliru.", "The attendance is ratified, so its policy stays. Void that list first if it is indeed wrong."},
	"ratify_many":     {"Terlalu banyak penetapan untuk kegiatan ini. Hubungi pengelola server.", "This event was ratified too often. Contact the server's operator."},
	"void_many":       {"Terlalu banyak penetapan kegiatan ini yang dibatalkan. Hubungi pengelola server.", "Too many lists of this event were voided. Contact the server's operator."},
	"list_superseded": {"Penetapan ini sudah digantikan revisi. Batalkan revisi yang berlaku.", "A revision took this list's place. Void the one that counts."},

	// What looks odd.
	"flag_unknown": {"Temuan ini sudah tidak ada. Muat ulang halaman.", "This finding is no longer there. Reload the page."},
	"flag_verdict": {"Pilih penilaian: wajar, atau perlu tindak lanjut.", "Choose a verdict: explained, or to be acted on."},
	"flag_many":    {"Temuan ini sudah terlalu sering dinilai. Catat penilaian terakhir dalam berita acara.", "This finding was judged too often. Note the last verdict in the minutes."},
	"not_attended": {"Orang ini belum ada dalam daftar hadir. Bila memang hadir, gunakan “Buat koreksi”.", "This person is not on the attendance list. If they were there, use “Make a correction”."},
	"unit_empty":   {"Tidak ada pegawai dari perangkat daerah ini dalam daftar kegiatan. Unggah daftar pegawainya lebih dahulu.", "Nobody of this unit is on the event's list. Upload their roster first."},

	// Media.
	"event_ended":     {"Kegiatan telah selesai.", "The event has ended."},
	"media_unknown":   {"Siaran ini sudah tidak ada.", "This stream is no longer there."},
	"media_busy":      {"Terlalu banyak yang menyambung sekaligus. Halaman akan mencoba lagi.", "Too many are connecting at once. The page will try again."},
	"media_failed":    {"Gambar dan suara gagal disambungkan. Coba lagi.", "Picture and sound could not be connected. Try again."},
	"uji_busy":        {"Uji jaringan sedang dipakai banyak orang. Halaman akan mencoba lagi.", "Many are testing right now. The page will try again."},
	"uji_report":      {"Hasil uji tidak dapat dibaca. Ulangi uji lalu kirim lagi.", "The result could not be read. Test again, then send."},
	"readiness_full":  {"Laporan kesiapan untuk kegiatan ini sudah penuh. Hubungi panitia.", "This event takes no more readiness reports. Contact the committee."},
	"sdp_malformed":   {"Permintaan gambar dan suara tidak dapat dibaca.", "The request for picture and sound could not be read."},
	"sdp_too_big":     {"Permintaan gambar dan suara terlalu besar.", "The request for picture and sound is too big."},
	"quality_unknown": {"Mutu gambar tidak dikenal. Muat ulang halaman.", "Unknown picture quality. Reload the page."},
	"source_kind":     {"Jenis siaran tidak dikenal.", "Unknown kind of stream."},
	"source_replaced": {
		"Siaran Anda dilanjutkan dari perangkat atau halaman lain.",
		"Your stream now comes from another device or page.",
	},
	"source_removed":    {"Operator mengakhiri siaran Anda.", "The operator ended your stream."},
	"media_refused":     {"Peramban belum didukung; perbarui Chrome.", "Browser not supported; update Chrome."},
	"codec_unsupported": {"Format gambar atau suara perangkat ini tidak didukung. Gunakan VP8 atau H.264 dan Opus.", "This device's picture or sound format is not supported. Use VP8 or H.264, and Opus."},

	// The room: phase and stage.
	"phase_unknown":   {"Tahap kegiatan tidak dikenal.", "Unknown phase of the event."},
	"phase_order":     {"Kegiatan belum sampai pada tahap itu.", "The event cannot move to that phase now."},
	"role":            {"Anda tidak memiliki akses.", "You have no access."},
	"command_unknown": {"Permintaan tidak dikenal. Muat ulang halaman.", "Unknown request. Reload the page."},
	"actor_unknown":   {"Server tidak mengenali Anda. Silakan masuk kembali.", "The server does not know who you are. Sign in again."},
	"method_unknown":  {"Cara masuk tidak dikenal. Silakan masuk kembali.", "Unknown way of signing in. Sign in again."},
	"session_taken":   {"Sesi ini milik orang lain. Silakan masuk kembali.", "This session is somebody else's. Sign in again."},
	"scene_moved":     {"Tata panggung baru saja diubah. Lihat dahulu, lalu pilih lagi.", "The stage was changed a moment ago. Look at it, then choose again."},
	"scene_twice":     {"Satu siaran tidak dapat mengisi dua tempat.", "One stream cannot fill two places."},
	"source_id":       {"Siaran tidak dikenal.", "Unknown stream."},
	"source_label":    {"Nama di bawah gambar terlalu panjang.", "The name under the picture is too long."},
	"source_owner":    {"Siaran ini bukan milik Anda.", "This stream is not yours."},
	"source_taken":    {"Siaran ini sudah ada di panggung.", "This stream is already on the stage."},
	"source_unknown":  {"Siaran ini sudah tidak ada di panggung.", "This stream is no longer on the stage."},
	"backup_after":    {"Waktu tunggu cadangan 2 sampai 60 detik.", "The backup waits 2 to 60 seconds."},
	"backup_none":     {"Tidak ada cadangan yang siap. Tandai satu siaran sebagai cadangan dahulu.", "No backup is ready. Mark a stream as backup first."},
	"backup_early":    {"Belum waktunya cadangan mengambil alih.", "It is not time for the backup to take over."},
	"stage_full":      {"Panggung penuh. Akhiri satu siaran dahulu.", "The stage is full. End another stream first."},

	// Hands, what is held back, and who must stay out.
	"hand_rate":         {"Tunggu sepuluh detik sebelum mengangkat tangan lagi.", "Wait ten seconds before raising your hand again."},
	"hands_full":        {"Antrean penuh. Coba lagi sebentar lagi.", "The queue is full. Try again in a moment."},
	"hand_unknown":      {"Tangan ini sudah turun.", "This hand is already down."},
	"hand_owner":        {"Ini bukan tangan Anda.", "This is not your hand."},
	"class_only":        {"Hanya untuk sesi pelatihan.", "For training sessions only."},
	"class_locked":      {"Pelatih mengatur giliran bicara. Angkat tangan untuk meminta.", "The trainer gives the word. Raise your hand to ask for it."},
	"seat_unknown":      {"Peserta ini tidak ada.", "There is no such participant."},
	"share_not_granted": {"Minta izin pelatih untuk berbagi layar.", "Ask the trainer for permission to share a screen."},
	"rooms_count":       {"Buat 2 sampai 20 ruang diskusi.", "Make 2 to 20 breakout rooms."},
	"rooms_way":         {"Cara pembagian ruang tidak dikenal.", "Unknown way of assigning rooms."},
	"rooms_time":        {"Waktu ruang diskusi tidak sesuai.", "This time does not fit a breakout room."},
	"rooms_open":        {"Ruang diskusi sedang dibuka. Panggil kembali semua peserta lebih dahulu.", "The rooms are open. Call everyone back first."},
	"rooms_closed":      {"Ruang diskusi sedang ditutup.", "The rooms are closed."},
	"rooms_unknown":     {"Ruang diskusi ini tidak ada.", "There is no such room."},
	"rooms_fixed":       {"Pelatih yang membagi ruang diskusi.", "The trainer assigns the rooms."},
	"rooms_here":        {"Bantuan dipanggil dari dalam ruang diskusi.", "Help is called from within a room."},
	"not_invited":       {"Angkat tangan dahulu; moderator mempersilakan Anda ke panggung.", "Raise your hand first; the moderator invites you to the stage."},
	"banned":            {"Panitia mengeluarkan Anda dari kegiatan ini. Hubungi panitia bila ini keliru.", "The committee removed you from this event. Contact the committee if this is a mistake."},
	"source_behind":     {"Siaran ini masih di belakang panggung.", "This stream is still backstage."},
	"gate_closed":       {"Tunggu sebentar; operator membawa Anda ke panggung.", "Please wait; the operator brings you on stage."},
	"layout_unknown":    {"Tata letak tidak dikenal.", "Unknown layout."},
	"cue_title":         {"Judul acara harus diisi, paling banyak 120 karakter.", "The item needs a title of at most 120 characters."},
	"cue_minutes":       {"Lama acara dalam menit tidak berlaku.", "The item's minutes are not valid."},
	"cue_cast":          {"Peran di panggung tidak dikenal.", "Unknown role on the stage."},
	"cue_place":         {"Urutan acara tidak berlaku.", "The item's place is not valid."},
	"cue_unknown":       {"Acara ini sudah tidak ada dalam susunan.", "This item is no longer in the rundown."},
	"cue_now":           {"Acara ini sedang berlangsung.", "This item is on now."},
	"cue_moved":         {"Operator lain sudah melanjutkan acara.", "Another operator has already moved on."},
	"cues_full":         {"Susunan acara sudah penuh.", "The rundown is full."},
	"notice_text":       {"Pengumuman paling banyak 300 karakter.", "An announcement has at most 300 characters."},
	"ban_target":        {"Orang yang dimaksud tidak ditemukan.", "The person meant was not found."},
	"ban_staff":         {"Orang ini tidak dapat Anda keluarkan. Hubungi operator.", "You cannot remove this person. Contact the operator."},
	"ban_unknown":       {"Larangan ini sudah dicabut.", "This ban was already lifted."},

	// Polls.
	"poll_unknown": {"Jajak pendapat tidak ditemukan.", "No such poll."},
	"poll_state":   {"Jajak pendapat ini sudah berubah. Lihat keadaannya yang terbaru.", "This poll has moved on. See where it stands now."},
	"poll_closed":  {"Jajak pendapat ini sudah ditutup.", "This poll is closed."},
	"poll_invalid": {"Lengkapi pilihan, skala, atau kunci jawaban.", "Complete the options, the scale or the right answers."},
	"poll_text":    {"Pertanyaan atau pilihan kosong atau terlalu panjang.", "A question or an option is empty or too long."},
	"poll_answer":  {"Jawaban ini tidak ada di antara pilihan.", "This answer is not among those offered."},
	"poll_limit":   {"Jajak pendapat sudah terlalu banyak. Tutup atau hapus dahulu yang lain.", "There are too many polls. Close or drop others first."},

	// Chat.
	"chat_off":         {"Obrolan sedang ditutup oleh moderator.", "The moderator has closed the chat."},
	"chat_text":        {"Pesan kosong, terlalu panjang, atau berisi karakter yang tidak dapat ditampilkan.", "The message is empty, too long, or holds characters that cannot be shown."},
	"chat_flood":       {"Terlalu banyak emoji atau karakter berulang. Tulis dengan kata-kata.", "Too many emoji or repeated characters. Please use words."},
	"chat_nip":         {"Pesan ini memuat nomor sepanjang NIP. Jangan menulis NIP dalam obrolan.", "This message holds a number as long as a NIP. Do not write NIPs in the chat."},
	"chat_repeat":      {"Anda sudah menulis pesan yang sama.", "You have already written the same message."},
	"chat_rate":        {"Empat pesan dalam 20 detik. Tunggu sebentar.", "Four messages in 20 seconds. Please wait."},
	"chat_busy":        {"Obrolan sedang sangat ramai. Coba lagi beberapa detik lagi.", "The chat is very busy. Try again in a few seconds."},
	"chat_unknown":     {"Pesan ini sudah tidak ada.", "This message is no longer there."},
	"chat_gone":        {"Pesan ini sudah dihapus.", "This message was removed."},
	"chat_owner":       {"Hanya penulis dan moderator yang dapat menghapus pesan ini.", "Only its writer and moderators can remove this message."},
	"reaction_unknown": {"Reaksi tidak dikenal.", "Unknown reaction."},
	"reaction_rate":    {"Terlalu banyak reaksi. Tunggu sebentar.", "Too many reactions. Please wait."},
	"reactions_off":    {"Reaksi sedang ditutup oleh moderator.", "The moderator has closed reactions."},
	"reactions_live":   {"Reaksi dapat dikirim selama siaran berlangsung.", "Reactions can be sent while the broadcast is on."},

	// Captions and notes.
	"caption_text":    {"Teks takarir kosong, terlalu panjang, atau berisi karakter yang tidak dapat ditampilkan.", "The caption is empty, too long, or holds characters that cannot be shown."},
	"caption_unknown": {"Baris takarir ini sudah lewat dan tidak dapat diubah lagi.", "This caption has gone by and can no longer be changed."},
	"note_text":       {"Isi catatan kosong atau terlalu panjang.", "The note is empty or too long."},
	"note_kind":       {"Jenis catatan tidak dikenal.", "Unknown kind of note."},
	"note_unknown":    {"Catatan ini sudah dihapus.", "This note was removed."},
	"notes_full":      {"Notulen sudah penuh (300 butir).", "The minutes are full (300 points)."},

	// Evaluation after the event.
	"survey_values": {"Beri nilai untuk setiap butir, dari 1 sampai 5.", "Give every item a value from 1 to 5."},
	"survey_text":   {"Tulisan paling banyak 500 karakter, tanpa karakter khusus.", "A text has at most 500 characters, without control characters."},
	"survey_done":   {"Anda sudah mengisi evaluasi kegiatan ini. Terima kasih.", "You have already answered the evaluation. Thank you."},
	"survey_early":  {"Evaluasi dibuka setelah kegiatan selesai.", "The evaluation opens when the event is over."},

	// Questions.
	"question_unknown":       {"Pertanyaan tidak ditemukan.", "No such question."},
	"question_state":         {"Pertanyaan ini sudah ditangani.", "This question was already dealt with."},
	"question_empty":         {"Tulis pertanyaan Anda dahulu.", "Write your question first."},
	"question_long":          {"Pertanyaan paling banyak 300 karakter.", "A question has at most 300 characters."},
	"question_rate":          {"Satu pertanyaan setiap 30 detik. Tunggu sebentar.", "One question every 30 seconds. Please wait."},
	"question_pending_limit": {"Lima pertanyaan Anda masih menunggu moderator.", "Five of your questions still await the moderator."},
	"reason_empty":           {"Tulis alasannya.", "Write the reason."},
	"reason_long":            {"Alasan paling banyak 200 karakter.", "A reason has at most 200 characters."},
	"answer_long":            {"Jawaban paling banyak 1.000 karakter.", "An answer has at most 1,000 characters."},
	"text_invalid":           {"Teks memuat karakter yang tidak diizinkan.", "The text holds characters that are not allowed."},
	"support_rate":           {"Terlalu cepat. Tunggu beberapa detik lalu dukung lagi.", "Too fast. Wait a few seconds before supporting again."},
	"merge_self":             {"Pertanyaan tidak dapat digabungkan dengan dirinya sendiri.", "A question cannot be merged into itself."},
	"merge_invisible":        {"Pertanyaan yang sudah tampil tidak dapat digabungkan ke yang belum disetujui.", "A question that is shown cannot be merged into one not yet approved."},

	// Checks.
	"check_over": {"Pertanyaan ini sudah lewat. Tidak apa-apa, kehadiran Anda tetap dihitung.", "This question is over. No harm done, your attendance still counts."},

	// Storage. Readers learn only that it is the server's trouble; the log knows more.
	"store_closed":     serverTrouble,
	"store_read_only":  serverTrouble,
	"store_full":       {"Penyimpanan server penuh. Hubungi panitia.", "The server's storage is full. Contact the committee."},
	"store_failed":     serverTrouble,
	"store_missing":    serverTrouble,
	"store_version":    serverTrouble,
	"journal_conflict": serverTrouble,
	"journal_broken":   {"Catatan kegiatan ini di server tidak lagi utuh. Hubungi pengelola server.", "The record of this event on the server is no longer whole. Contact the server's operator."},
	"code_invalid":     {"Kode masuk tidak berlaku.", "The join code is not valid."},
	"code_taken":       {"Kode masuk ini sudah milik orang lain.", "This join code already belongs to somebody else."},
	"person_invalid":   {"Data orang tidak lengkap.", "The person's data is incomplete."},
	"nip_taken":        {"NIP ini sudah milik orang lain.", "This NIP already belongs to somebody else."},
	"event_invalid":    {"Data kegiatan tidak lengkap.", "The event's data is incomplete."},

	// Who somebody is.
	"nip_length":  {"NIP harus 18 angka.", "NIP must be 18 digits."},
	"nip_excel":   {"NIP rusak oleh Excel (berakhiran 000). Ketik NIP dari kartu atau SK Anda.", "NIP damaged by Excel (ends in 000). Type it from your card or decree."},
	"nip_date":    {"Tanggal lahir dalam NIP (8 angka pertama) tidak ada di kalender.", "The birth date in the NIP (first 8 digits) is not in the calendar."},
	"nip_code":    {"Angka ke-13 dan 14 NIP harus 01–12, atau 21–29 untuk PPPK.", "Digits 13 and 14 of the NIP must be 01–12, or 21–29 for PPPK."},
	"nip_sex":     {"Angka ke-15 NIP harus 1 atau 2.", "Digit 15 of the NIP must be 1 or 2."},
	"nip_old":     {"Ini NIP lama 9 angka. Gunakan NIP baru 18 angka.", "This is an old 9-digit NIP. Use the new one with 18 digits."},
	"nip_unknown": {"NIP tidak ditemukan; periksa kembali, atau masuk dengan status menunggu verifikasi.", "NIP not found; check again, or enter awaiting verification."},

	// HTTP.
	"not_found":          {"Halaman atau data tidak ditemukan. Periksa tautan Anda.", "Page or data not found. Check your link."},
	"method_not_allowed": {"Permintaan ini tidak didukung di alamat ini.", "This request is not supported at this address."},
	"content_type":       {"Jenis isi permintaan tidak didukung.", "The type of the request's content is not supported."},
	"body_too_large":     {"Isi permintaan terlalu besar.", "The request's content is too large."},
	"too_many":           {"Terlalu banyak permintaan. Tunggu sebentar lalu coba lagi.", "Too many requests. Wait a moment and try again."},
	"too_many_guesses":   {"Terlalu banyak NIP atau kode yang keliru dari jaringan ini. Tunggu beberapa menit lalu coba lagi, atau hubungi panitia.", "Too many wrong NIPs or codes from this network. Wait a few minutes and try again, or contact the committee."},
	"store_unavailable":  {"Server sedang tidak siap. Coba lagi sebentar lagi.", "The server is not ready. Try again in a moment."},
	"event_away":         {"Server daerah ini sedang terputus dari pusat dan belum mengenal kegiatan ini. Tautan Anda tidak salah: coba lagi setelah jaringan pulih, atau hubungi panitia.", "This regional server is cut off from the centre and does not know this event yet. Nothing is wrong with your link: try again when the network is back, or ask the committee."},
	"origin_away":        {"Server di tempat ini sedang tidak tersambung ke server provinsi. Yang sudah masuk tetap mengikuti dan tetap tercatat hadir; untuk masuk dengan NIP atau kode, memindai ruang, dan dokumen, coba lagi setelah jaringan pulih.", "The server at this place cannot reach the server of the province now. Those who have entered stay in and stay counted; to enter with a NIP or a code, to scan a room, and for papers, try again when the network is back."},
	"other_journal":      {"Catatan kegiatan di server ini berbeda dari catatan server lain, sehingga server ini tidak melayani kegiatan ini. Buka kegiatan lewat server lain; pengelola server menemukan langkah perbaikannya dalam log.", "This server's record of the event is not the one of the other servers, so it does not serve this event. Open the event at another server; whoever runs the server finds what to do in its log."},
	"home_elsewhere":     {"Kegiatan ini sedang dikelola server lain, dan bukti kehadiran terkumpul di sana: daftar dan dokumen di server ini belum lengkap. Buka halaman yang sama di server itu.", "Another server manages this event now, and the evidence of attendance is gathered there: lists and papers of this server are not complete. Open the same page at that server."},
	"loopback_only":      {"Data ini hanya dapat dibaca dari server itu sendiri.", "This can be read on the server itself only."},
	"token_missing":      {"Buka kegiatan melalui tautan yang Anda terima.", "Open the event through the link you received."},
	"token_session":      {"Anda sudah masuk dengan tautan ini. Muat ulang halaman.", "You have already entered with this link. Reload the page."},
	"if_match_missing":   {"Permintaan harus menyebut sesi ICE (If-Match).", "The request must name its ICE session (If-Match)."},
	"if_match_stale":     {"Sesi ICE ini sudah diganti.", "This ICE session has been replaced."},
	"event_id":           {"Kode kegiatan hanya boleh berisi huruf kecil, angka, dan tanda hubung (1–64).", "The event code may hold only small letters, digits and hyphens (1–64)."},
	"event_kind":         {"Jenis kegiatan tidak dikenal.", "Unknown kind of event."},
	"event_title":        {"Judul kegiatan harus diisi, paling banyak 300 karakter.", "The event needs a title of at most 300 characters."},
	"event_text":         {"Keterangan kegiatan memuat karakter yang tidak dapat dibaca atau terlalu panjang.", "The event's details hold unreadable characters or are too long."},
	"event_times":        {"Waktu selesai harus setelah waktu mulai.", "The end must be after the start."},
	"event_policy":       {"Ketentuan kehadiran kegiatan tidak sah.", "The event's attendance rule is not valid."},
	"nip_or_code":        {"Masukkan NIP atau kode, jangan keduanya.", "Enter your NIP or your code, not both."},
	"nip_known":          {"NIP ini sudah terdaftar. Masukkan NIP sekali lagi lalu periksa nama Anda.", "This NIP is registered already. Enter it once more and check your name."},
	"code_form":          {"Kode masuk terdiri atas 6 sampai 32 huruf dan angka.", "A join code has 6 to 32 letters and digits."},
	"code_unknown":       {"Kode masuk tidak ditemukan; periksa kembali.", "Join code not found; check again."},
	"ticket_expired":     {"Waktu konfirmasi habis. Masukkan NIP atau kode sekali lagi.", "The time to confirm is over. Enter your NIP or code once more."},
	"ticket_invalid":     {"Konfirmasi tidak berlaku. Masukkan NIP atau kode sekali lagi.", "The confirmation is not valid. Enter your NIP or code once more."},
	"link_personal":      {"Tautan ini milik satu orang. Jika bukan Anda, hubungi panitia.", "This link belongs to one person. If that is not you, contact the committee."},
	"person_unknown":     {"Data Anda untuk tautan ini tidak ditemukan. Hubungi panitia.", "Your data for this link was not found. Contact the committee."},
	"guest_only":         {"Tautan ini hanya untuk tamu.", "This link is for guests only."},
	"guest_or_nip":       {"Pilih masuk sebagai tamu atau dengan NIP, jangan keduanya.", "Choose to enter as a guest or with a NIP, not both."},
	"name_invalid":       {"Nama belum benar. Ketik nama 2 sampai 120 huruf tanpa karakter khusus.", "The name is not right. Type 2 to 120 letters without special characters."},
	"unit_nip":           {"Kolom ini untuk nama kantor, bukan NIP.", "This field is for the office's name, not a NIP."},
	"unit_invalid":       {"Unit kerja belum benar. Ketik 2 sampai 120 huruf tanpa karakter khusus.", "The work unit is not right. Type 2 to 120 letters without special characters."},
	"region_unknown":     {"Kabupaten/kota tidak dikenal. Pilih dari daftar.", "Unknown regency. Choose from the list."},

	// Lists of people.
	"sheet_old":              {"Berkas ini format Excel lama (.xls) atau berkata sandi. Buka di Excel, lalu simpan sebagai .xlsx tanpa kata sandi.", "This file is in the old Excel format (.xls) or has a password. Open it in Excel and save it as .xlsx without a password."},
	"sheet_unknown":          {"Berkas ini bukan Excel (.xlsx) atau CSV. Simpan sebagai .xlsx, lalu unggah lagi.", "This file is neither Excel (.xlsx) nor CSV. Save it as .xlsx and upload it again."},
	"sheet_broken":           {"Berkas tidak dapat dibaca sampai akhir. Simpan ulang dari Excel lalu unggah lagi.", "The file could not be read to its end. Save it again from Excel and upload it again."},
	"sheet_too_big":          {"Berkas terlalu besar. Bagi menjadi beberapa berkas, paling banyak 200.000 baris.", "The file is too big. Split it into files of at most 200,000 rows."},
	"sheet_nothing":          {"Berkas ini kosong. Pilih berkas yang berisi daftar pegawai.", "This file is empty. Choose the one that holds the roster."},
	"roster_header":          {"Judul kolom tidak ditemukan. Harus ada satu baris yang memuat judul “Nama” dan “NIP”.", "No column headings found. One row must hold the headings “Nama” and “NIP”."},
	"roster_nip_empty":       {"NIP kosong.", "The NIP is missing."},
	"roster_name_empty":      {"Nama kosong.", "The name is missing."},
	"roster_name":            {"Nama tidak wajar: hanya huruf dan tanda baca nama, paling banyak 120 huruf.", "Not a name: letters and the marks of names only, at most 120."},
	"roster_nip_many":        {"Satu sel memuat lebih dari satu NIP. Tulis satu orang satu baris.", "One cell holds more than one NIP. Write one person a row."},
	"roster_double":          {"Data ganda: orang atau NIP ini sudah ada di baris lain dengan nama atau nomor berbeda. Sisakan baris yang benar.", "Duplicate: this person or NIP stands in another row under another name or number. Leave the row that is right."},
	"roster_clash":           {"NIP dan NIP lama pada baris ini milik dua orang yang berbeda. Tulis masing-masing pada baris sendiri.", "The NIP and the earlier NIP of this row belong to two different people. Write each in a row of their own."},
	"roster_other_file":      {"Berkas berbeda dari yang diperiksa. Periksa berkas sekali lagi.", "The file differs from the one checked. Check the file once more."},
	"roster_warn_region":     {"Kabupaten/kota tidak dikenal; dikosongkan.", "Unknown regency; left empty."},
	"roster_warn_grade":      {"Golongan tidak dikenal; disimpan apa adanya.", "Unknown grade; kept as written."},
	"roster_warn_unit":       {"Unit kerja kosong.", "The work unit is missing."},
	"roster_warn_old_nip":    {"NIP lama tidak dapat dibaca; diabaikan.", "The earlier NIP cannot be read; ignored."},
	"roster_warn_name":       {"Nama berbeda dari data sebelumnya untuk NIP yang sama. Periksa.", "The name differs from the data so far for the same NIP. Please check."},
	"roster_warn_old_number": {"Nomor ini nomor lama; nomor yang berlaku tetap dipakai.", "This is an earlier number; the present one is kept."},
	"nip_warn_future":        {"Tanggal pengangkatan dalam NIP belum tiba.", "The appointment date in the NIP is in the future."},
	"nip_warn_age":           {"Usia saat diangkat di luar 16–65 tahun.", "Age at appointment is outside 16–65."},
	"nip_warn_pppk":          {"Nomor PPPK sebelum tahun 2019.", "A PPPK number from before 2019."},
	// Ruang Bersama.
	"hall_unknown":      {"Ruang Bersama tidak ditemukan.", "Shared room not found."},
	"hall_name":         {"Nama ruang belum benar. Ketik 2 sampai 120 huruf.", "The room's name is not right. Type 2 to 120 letters."},
	"hall_limit":        {"Ruang Bersama untuk kegiatan ini sudah terlalu banyak. Hubungi panitia.", "Too many shared rooms for this event. Contact the committee."},
	"hall_closed":       {"Ruang Bersama ditutup.", "Shared room closed."},
	"hall_time":         {"Waktu presensi di luar waktu ruang ini dibuka.", "The time is outside the time this room was open."},
	"hall_late":         {"Batas waktu presensi susulan sudah lewat. Ajukan koreksi ke BPSDM.", "The time for late check-ins is over. Request a correction from BPSDM."},
	"hall_entry":        {"Data presensi rusak. Muat ulang halaman lalu coba lagi.", "The check-in is damaged. Reload the page and try again."},
	"hall_person":       {"Orang ini tidak ada dalam daftar pegawai.", "This person is not in the roster."},
	"hall_marks":        {"Catatan presensi orang ini di ruang ini sudah terlalu banyak.", "Too many check-ins of this person in this room."},
	"hall_mark":         {"Catatan presensi tidak ditemukan.", "Check-in not found."},
	"hall_not_in":       {"Anda belum tercatat masuk di ruang ini. Minta PIC mencatat kehadiran Anda.", "You have not checked in to this room. Ask the room's PIC to record you."},
	"hall_level":        {"Cara presensi tidak dikenal.", "Unknown way of checking in."},
	"hall_ordering":     {"Waktu penutupan ruang tidak benar.", "The room's closing time is not right."},
	"hall_other":        {"Ruang ini dikelola PIC lain.", "Another PIC looks after this room."},
	"hall_slice":        {"Orang ini bukan dari unit yang Anda layani. Minta yang bersangkutan memindai sendiri.", "This person is not of the unit you look after. Ask them to scan for themselves."},
	"hall_file":         {"Berkas lembar presensi belum diunggah.", "The sheet's file has not been uploaded."},
	"hall_file_type":    {"Berkas harus foto (JPG atau PNG) atau PDF.", "The file must be a photo (JPG or PNG) or a PDF."},
	"hall_file_unknown": {"Berkas lembar presensi tidak ditemukan.", "The sheet's file was not found."},
	"hall_files":        {"Berkas lembar presensi kegiatan ini sudah terlalu banyak. Hubungi panitia.", "Too many sheets for this event. Contact the committee."},
	"hall_code":         {"Kode tidak dikenal. Pindai kode yang sedang tampil di layar.", "Unknown code. Scan the code that is on the screen now."},
	"hall_code_stale":   {"Kode sudah berganti. Pindai lagi kode yang sedang tampil di layar.", "The code has changed. Scan the one that is on the screen now."},
	"hall_ticket":       {"Pindaian tidak berlaku. Pindai lagi kode di layar.", "The scan is not valid. Scan the code on the screen again."},
	"hall_screen_code":  {"Kode layar tidak ditemukan. Periksa kode pada ponsel PIC; kode berganti tiap 10 menit.", "Screen code not found. Check it on the PIC's phone; it changes every 10 minutes."},

	// Material.
	"deck_unknown":    {"Materi tidak ditemukan. Mungkin sudah dihapus.", "Material not found. It may have been deleted."},
	"deck_title":      {"Judul materi harus diisi, paling banyak 120 karakter.", "The material needs a title of at most 120 characters."},
	"deck_pages":      {"Materi paling banyak 300 halaman. Bagi menjadi beberapa berkas.", "Material has at most 300 pages. Split it into several files."},
	"deck_file_big":   {"Berkas paling besar 50 MB. Perkecil berkas lalu unggah lagi.", "A file has at most 50 MB. Make it smaller and upload it again."},
	"deck_broken":     {"Materi rusak dalam perjalanan. Unggah sekali lagi.", "The material was damaged on the way. Upload it once more."},
	"deck_limit":      {"Materi kegiatan ini sudah 20. Hapus yang tidak dipakai.", "This event has 20 materials already. Delete what is not used."},
	"deck_space":      {"Ruang materi kegiatan ini (1 GB) sudah penuh. Hapus yang tidak dipakai.", "This event's space for material (1 GB) is full. Delete what is not used."},
	"deck_other":      {"Materi ini milik pemateri lain.", "This material belongs to another presenter."},
	"deck_no_file":    {"Materi ini hanya gambar; tidak ada berkas untuk diunduh.", "This material is pictures only; there is no file to download."},
	"deck_not_shared": {"Pemateri tidak membagikan berkas ini.", "The presenter does not share this file."},
	"deck_picture":    {"Gambar halaman tidak dapat diterima. Unggah sekali lagi, atau gunakan peramban lain.", "The picture of a page cannot be taken. Upload once more, or use another browser."},
	"deck_piece":      {"Bagian berkas tidak sesuai. Unggah sekali lagi.", "A piece of the file does not fit. Upload it once more."},
	"deck_missing":    {"Unggahan belum lengkap. Lanjutkan unggahan.", "The upload is not complete. Continue it."},
	"deck_file_other": {"Berkas berubah selama diunggah. Unggah sekali lagi.", "The file changed while it was uploaded. Upload it once more."},
	"deck_file_type":  {"Berkas harus PDF, atau gambar (JPG, PNG, WebP). Simpan PowerPoint sebagai PDF dahulu.", "The file must be a PDF or pictures (JPG, PNG, WebP). Save PowerPoint as PDF first."},
	"page_unknown":    {"Halaman tidak ada dalam materi ini.", "This material has no such page."},
	"ink_invalid":     {"Coretan tidak dapat diterima.", "The drawing cannot be taken."},

	"page_invalid": {"Nomor atau ukuran halaman tabel tidak berlaku.", "The table's page number or size is not valid."},
}

// Say gives the sentence of a code in a language, "en" or Indonesian. A code without one reads as the server's fault.
func Say(code, lang string) string {
	s, ok := sentences[code]
	if !ok {
		s = sentences["internal"]
	}
	if lang == "en" {
		return s.EN
	}
	return s.ID
}

// Codes lists all codes in alphabetical order.
func Codes() []string {
	all := make([]string, 0, len(sentences))
	for c := range sentences {
		all = append(all, c)
	}
	slices.SortFunc(all, strings.Compare)
	return all
}
