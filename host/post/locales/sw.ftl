# Dawati la afisa kwa Kiswahili. The officer's desk in Swahili; every key of en.ftl stands here.
# Reviewed by a native speaker: no. The menu says so.

language-name = Kiswahili
language-note = (haijakaguliwa)

# --- frame
desk-title = Dawati la afisa
lane-label = Njia { $lane }
post-label = Kituo { $post }
sign-out = Toka
theme-label = Skrini
theme-sun = Jua
theme-normal = Kawaida
theme-night = Usiku
language-label = Lugha
skip-to-content = Nenda kwenye yaliyomo
edition-none = Hakuna orodha kwenye kisanduku hiki
edition-age = Orodha { $number } · { $age }
edition-stale = Orodha { $number } ina umri wa { $age }
outbox-empty = Kila kitu kimetumwa
outbox-waiting = { $count ->
    [one] Rekodi { $count } inasubiri kutumwa
   *[other] Rekodi { $count } zinasubiri kutumwa
}
age-under-hour = chini ya saa 1
age-hours = saa { $count }
age-days = siku { $count }

# --- signing in
sign-in = Ingia
officer-id = Afisa
pin = PIN
sign-in-wrong = Afisa au PIN si sahihi. Jaribu tena.
sign-in-locked = Afisa huyu amefungiwa baada ya PIN tano zisizo sahihi. Fundi anaweza kumfungulia.
sign-in-failed = Kuingia kumeshindikana kwenye kisanduku hiki: mwite fundi.
sign-in-no-officers = Kisanduku hiki hakijui afisa yeyote bado. Fundi anaongeza: mpaka officer add --id JINA --pin-stdin
box-locked = Kisanduku hiki hakijapata habari kutoka makao makuu kwa muda mrefu na kimefungwa. Kiunganishe na mtandao, au piga simu makao makuu. Hadi hapo tumia karatasi; hakuna kilichopotea.
session-over = Kikao chako kimekwisha. Ingia tena.
form-refused = Fomu hii haikutengenezwa na dawati hili, au imepitwa na wakati. Hakuna kilichobadilishwa. Rudi ujaribu tena.
page-absent = Hakuna ukurasa kama huo hapa.
back-to-lane = Rudi kwenye njia

# --- the lane
lane-ready = Tayari kwa msafiri anayefuata
lane-place = Weka hati kwenye kisomaji, picha ikitazama chini.
lane-read = Soma hati
lane-scenes = Wasafiri wa maonyesho
lane-upload = Kutoka faili za picha
lane-upload-page = Picha ya ukurasa wa hati
lane-upload-live = Picha ya msafiri
lane-upload-start = Kagua picha hizi
lane-open = Msafiri anasubiri uamuzi wako
lane-open-go = Nenda kwa msafiri
lane-no-camera = Hakuna kisomaji kilichounganishwa. Tumia faili za picha.
lane-camera-failed = Kisomaji hakikutoa picha: { $why }
lane-broke-off = Ukaguzi ulikatika. Weka hati tena.
lane-done-Admit = Ameruhusiwa
lane-done-Refer = Amepelekwa mstari wa pili
lane-done-Hold = Amesubirishwa
lane-done-record = Imerekodiwa kama { $encounter }
picture-missing = Chagua picha zote mbili: ukurasa wa hati na msafiri.
picture-unreadable = Faili hii si picha inayoweza kusomwa: { $why }
decide-first = Amua kwanza kuhusu msafiri aliye mbele yako.

# --- the encounter
working = Inasoma …
working-help = Acha hati mahali ilipo.
photo-live = Sasa
photo-chip = Chipu
photo-printed = Iliyochapwa
photo-page = Ukurasa wa hati
photo-none-live = Hakuna picha ya sasa
photo-none-chip = Haijasomwa
photo-none-printed = Haijapatikana
photo-alt-live = Msafiri sasa
photo-alt-chip = Picha iliyo kwenye chipu ya hati
photo-alt-printed = Picha iliyochapwa kwenye hati
photo-alt-page = Ukurasa wa taarifa wa hati
guidance-turn = Geuza hati mbali na mwanga
guidance-hold_still = Shikilia hati bila kutikisa
guidance-move_closer = Sogeza hati karibu
guidance-flatten = Nyoosha ukurasa
guidance-show_whole = Onyesha ukurasa wote
advice-Clear = Sawa
advice-Look = Tazama
advice-Refer = Elekeza
headline-clear = Hakuna kinachohitaji kutazamwa tena
name-unknown = Jina halijasomwa
sex-F = Mwanamke
sex-M = Mwanamume
sex-X = Jinsia haijatajwa
age-years = { $count ->
    [one] umri mwaka { $count }
   *[other] umri miaka { $count }
}
born-on = Alizaliwa { $date }
doc-passport = pasipoti
doc-card = kitambulisho
doc-visa = viza
doc-other = hati
document-line = { $state } · { $kind } { $number }
validity-left = halali kwa { $left } zaidi
validity-today = halali hadi leo
validity-over = muda uliisha { $date }
validity-unknown = tarehe ya mwisho haijasomwa
duration-years = { $count ->
    [one] mwaka { $count }
   *[other] miaka { $count }
}
duration-months = { $count ->
    [one] mwezi { $count }
   *[other] miezi { $count }
}
duration-days = siku { $count }
duration-two = { $first } na { $second }
date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
date-year = { $year }
date-unknown = haijulikani
month-1 = Januari
month-2 = Februari
month-3 = Machi
month-4 = Aprili
month-5 = Mei
month-6 = Juni
month-7 = Julai
month-8 = Agosti
month-9 = Septemba
month-10 = Oktoba
month-11 = Novemba
month-12 = Desemba
checks-title = Ukaguzi
group-zone = Mistari
group-chip = Chipu
group-page = Ukurasa
group-face = Uso
group-search = Orodha
outcome-Successful = sawa
outcome-Failed = tazama
outcome-Undetermined = haijaamuliwa
outcome-NotSupported = hakuna
outcome-Aborted = imekatizwa
outcome-working = inafanyika
reasons-title = Kwa nini
reason-document_listed = Hati hii iko kwenye orodha ya hati zilizopotea, kuibwa au kufutwa
reason-person_resembles = Mtu aliye kwenye orodha anafanana sana na msafiri huyu
reason-chip_contradicts = Chipu si kama ilivyotolewa na nchi yake, au ni nakala
reason-document_expired = Muda wa hati umekwisha
reason-check_digit_wrong = Tarakimu ya uhakiki hailingani: linganisha mistari na ukurasa
reason-face_differs = Uso na picha ya hati vinatofautiana: vilinganishe
reason-person_may_resemble = Mtu aliye kwenye orodha anafanana na msafiri huyu: linganisha
reason-page_contradicts = Ukurasa haukutengenezwa kama hati za kusafiria: uangalie chini ya taa
reason-chip_unproven = Uhalali wa chipu haukuthibitishwa: angalia mambo yaliyotajwa
reason-visual_zone_differs = Maandishi ya ukurasa yanatofautiana na mistari: yalinganishe
reason-zone_irregular = Mistari ina kitu kisicho cha kawaida: linganisha na ukurasa
reason-zone_unreadable = Mistari haikusomeka: weka hati tena
reason-face_uncertain = Nyuso hazifanani wala hazitofautiani vya kutosha: zilinganishe
reason-compare_child_by_eye = Mtoto: linganisha nyuso kwa macho
reason-face_not_compared = Nyuso hazikulinganishwa: zilinganishe kwa macho
reason-not_searched = Orodha hazikuweza kutafutwa
reason-list_stale = Orodha kwenye kisanduku hiki ni ya zamani
reason-page_unclear = Picha ya ukurasa ingeweza kuwa bora zaidi
zone-title = Mistari kama ilivyosomwa
zone-none = Hakuna mistari iliyosomwa
candidates-title = { $count ->
    [one] Ingizo moja la orodha linafanana na msafiri huyu
   *[other] Maingizo { $count } ya orodha yanafanana na msafiri huyu
}
candidate-document = Hati iliyoorodheshwa
candidate-person = Mtu aliyeorodheshwa
candidate-face = Uso ulioorodheshwa
candidate-same = ni ile ile
candidate-close = kufanana sana
candidate-somewhat = kufanana kiasi
candidate-reference = rejea { $entry }
candidate-second-line = Mstari wa pili unaona maelezo ya ingizo.
evidence-name = jina
evidence-birth = tarehe ya kuzaliwa
evidence-sex = jinsia
evidence-state = nchi
evidence-document = namba ya hati
evidence-face = uso
decision-title = Uamuzi wako
decide-Admit = Ruhusu
decide-Refer = Peleka mstari wa pili
decide-Hold = Subirisha
decide-face-again = Uso tena
advice-is = Ushauri ni { $advice }.
why-otherwise = Unaamua tofauti. Kwa nini?
override-not_this_person = Si mtu aliyeorodheshwa
override-compared_by_eye = Nimelinganisha kwa macho
override-document_examined = Hati imekaguliwa kwa mkono
override-instructed = Nimeagizwa na mkuu
override-interview = Mahojiano
override-misread_by_machine = Mashine imesoma vibaya
cancel = Rudi, amua tena
record-failed = Uamuzi HAUKUREKODIWA: { $why }. Hakuna kilichotumwa. Mwite fundi; tumia namba ya karatasi.
