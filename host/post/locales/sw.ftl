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
menu-label = Menyu
menu-home = Mwanzo
more = Zaidi
print = Chapisha
named-detail = { $name }: { $detail }
date-time = { $date }, saa { $time }
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
lease-none = hakuna kikomo bila mawasiliano
lease-left = imebaki { $left } bila makao makuu
lease-locked = Kimefungwa hadi makao makuu yasikike
session-over = Kikao chako kimekwisha. Ingia tena.
form-refused = Fomu hii haikutengenezwa na dawati hili, au imepitwa na wakati. Hakuna kilichobadilishwa. Rudi ujaribu tena.
page-absent = Hakuna ukurasa kama huo hapa.
back-to-lane = Rudi kwenye njia

# --- opening the lane, the shift
self-test-title = Jaribio la kisanduku
self-test-help = Kilichowekwa alama huacha maswali wazi; hakimzuii mtu yeyote. Fungua njia baada ya kusoma.
lane-open-now = Fungua njia
part-list = Orodha ya utafutaji
part-headquarters = Makao makuu
part-zone-reader = Kusoma mistari
part-face-matcher = Kulinganisha nyuso
part-reader = Kisomaji cha hati
part-chip-reader = Kisomaji cha chipu
part-store = Rekodi
part-works = kinafanya kazi
part-technician = hakifanyi kazi: mwite fundi
part-no-chip-reader = hakijaunganishwa: chipu hazisomwi
shift-title = Zamu
shift-since = tangu { $time }
shift-travellers = Wasafiri
shift-undecided = Bila uamuzi
shift-left = Yaliyobaki kwa afisa anayefuata
shift-interrupted = Ukaguzi uliokatizwa
shift-in-front = Wasafiri wanaosubiri mezani
shift-outbox = Rekodi zinazosubiri kutumwa
shift-hand-over = Kabidhi njia

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
lane-done-protection = Kwenye njia ya ulinzi.
preview-nothing = Hakuna hati kwenye kisomaji
preview-ready = Hati imelala vizuri: isome
preview-no-zone = Mistari haionekani: geuza hati, au weka ukurasa wenye picha kwenye kioo
preview-alt = Kilicho kwenye kisomaji
interrupted-title = Ulikatizwa umeme ulipokatika
interrupted-at = Msafiri wa { $time }
interrupted-take-up = Endelea na uamue
interrupted-read-again = Hakuna kilichosomwa: ondoa
paper-title = Ingiza kutoka karatasi
paper-help = Kwa wasafiri waliopita na namba ya karatasi kisanduku kilipozimika. Unachoandika kinatafutwa sasa; kisha thibitisha kilichoamuliwa.
paper-number = Namba kwenye karatasi
paper-day = Siku
paper-time = Saa
paper-enter = Tafuta na uendelee
paper-number-missing = Andika namba iliyo kwenye karatasi.
paper-time-wrong = Hii si siku na saa iliyopita.
picture-missing = Chagua picha zote mbili: ukurasa wa hati na msafiri.
picture-unreadable = Faili hii si picha inayoweza kusomwa: { $why }
decide-first = Amua kwanza kuhusu msafiri aliye mbele yako.

# --- referral and notice
referral-hint = Mpe msafiri rejea.
referral-show = Rejea ya msafiri
referral-title = Rejea ya msafiri
referral-reference = Rejea
referral-code-alt = Rejea kama msimbo kwa kamera ya simu
referral-help = Kwa rejea hii msafiri anaweza kuuliza kwa nini na kulalamika. Haina chochote kuhusu mtu.
referral-language = Onyesha tangazo kwa lugha ya msafiri
referral-back = Rudi kwenye rejea
notice-title = Tafadhali subiri ukaguzi wa pili
notice-second-check = Afisa anataka mwenzake aangalie hati zako. Huku si kukataliwa.
notice-people-decide = Kompyuta ilisaidia kukagua, lakini watu pekee ndio wanaoamua kukuhusu.
notice-rights = Unaweza kuuliza sababu, kuomba mkalimani, makosa yarekebishwe, na kulalamika. Hifadhi rejea hii.
notice-protection = Ukiogopa kurudi nchi fulani, mwambie afisa yeyote. Hakuna atakayeiarifu nchi hiyo.
notice-reference = Rejea yako

# --- the second line
second-line-title = Mstari wa pili
second-line-none = Hakuna aliyepelekwa.
second-line-back = Rudi kwenye orodha
second-line-source = Asili ya ingizo inajulikana makao makuu.
column-time = Saa
column-decision = Uamuzi
column-check = Swali
column-answer = Jibu
column-detail = Maelezo
column-entry = Ingizo
column-likeness = Kufanana
column-names = Majina na kuzaliwa
column-action = La kufanya
column-why = Kwa nini

# --- the encounter
facts-title = Msafiri na ukaguzi
details-link = Maelezo yote
details-title = Maelezo yote
details-back = Rudi kwa msafiri
lamp-white = Mwanga mweupe
lamp-infrared = Infraredi
lamp-ultraviolet = Urujuanimno
lamp-none = haikupigwa
note-protection = Ulinzi: rekodi hii imefungwa kwa mstari wa kwanza, na hakuna nchi ya asili inayoulizwa wala kuambiwa.
note-paper = Kutoka karatasi: namba { $number }, { $time }. Thibitisha kilichoamuliwa wakati huo.
note-reopened = Ulikatizwa { $time } umeme ulipokatika. Picha zimetoweka; hakuna kilichoamuliwa.
note-corrected = Mistari iliandikwa kwa mkono.
skip-title = Linganisha uso kwa macho badala yake
skip-veil = Hijabu au ushungi
skip-injury = Jeraha
skip-disability = Ulemavu
protection-title = Mwomba hifadhi, mkimbizi, mtoto peke yake
protection-take = Njia ya ulinzi
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
reason-chip_silent = Chipu haikusomeka: weka hati tena
reason-visual_zone_differs = Maandishi ya ukurasa yanatofautiana na mistari: yalinganishe
reason-zone_irregular = Mistari ina kitu kisicho cha kawaida: linganisha na ukurasa
reason-zone_unreadable = Mistari haikusomeka: weka hati tena
reason-face_uncertain = Nyuso hazifanani wala hazitofautiani vya kutosha: zilinganishe
reason-compare_child_by_eye = Mtoto: linganisha nyuso kwa macho
reason-face_skipped = Linganisha uso kwa macho: mashine haikuulizwa
reason-second_line = Mstari wa pili unapaswa kumwona msafiri huyu
reason-face_not_compared = Nyuso hazikulinganishwa: zilinganishe kwa macho
reason-not_searched = Orodha hazikuweza kutafutwa
reason-list_stale = Orodha kwenye kisanduku hiki ni ya zamani
reason-page_unclear = Picha ya ukurasa ingeweza kuwa bora zaidi
zone-title = Mistari kama ilivyosomwa
zone-none = Hakuna mistari iliyosomwa
zone-correct = Rekebisha mistari
zone-correct-help = Andika kilichochapwa; tarakimu za uhakiki hufuata.
zone-label = Mistari, mmoja mmoja
zone-take = Chukua mistari hii
zone-look = Tarakimu za uhakiki
zone-before = Kama mashine ilivyosoma
digits-title = Tarakimu za uhakiki
zone-text-empty = Andika mistari 2 au 3.
zone-text-lines = Kuna mistari 2 au 3; hapa ipo { $found }.
zone-text-length = Mstari { $line } una herufi { $found } kati ya { $expected }.
zone-text-character = Mstari { $line }, herufi { $column }: ni A-Z, 0-9 na < tu.
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
candidate-cleared-first_line = Alithibitishwa awali: { $day }, kwenye njia
candidate-cleared-second_line = Alithibitishwa awali: { $day }, na mstari wa pili
candidate-another-person = Msafiri ni mtu mwingine: kumbuka pamoja na kuruhusu
candidates-cleared = { $count ->
    [one] Mfanano mmoja, ulithibitishwa awali
   *[other] Mifanano { $count }, ilithibitishwa awali
}
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
place-again = Weka tena
advice-is = Ushauri ni { $advice }.
why-otherwise = Unaamua tofauti. Kwa nini?
override-not_this_person = Si mtu aliyeorodheshwa
override-compared_by_eye = Nimelinganisha kwa macho
override-document_examined = Hati imekaguliwa kwa mkono
override-instructed = Nimeagizwa na mkuu
override-interview = Mahojiano
override-misread_by_machine = Mashine imesoma vibaya
override-decided_on_paper = Iliamuliwa kwenye karatasi
cancel = Rudi, amua tena
record-failed = Uamuzi HAUKUREKODIWA: { $why }. Hakuna kilichotumwa. Mwite fundi; tumia namba ya karatasi.

# --- details of checks
detail-code = { $code }
detail-document-code = Msimbo wa hati unaanza na { $first }.
detail-character = mstari { $line }, herufi { $column }: { $read } haiwezi kuwa hapo
detail-digit = ilitarajiwa { $expected }, imesomwa { $read }
detail-no-date = { $read } si tarehe
detail-sex = imesomwa { $read }
detail-expired = muda uliisha { $day }
detail-valid-until = halali hadi { $day }
detail-expiry-doubtful = imesomwa { $day }, na tarakimu yake ya uhakiki hailingani
detail-edition-old = orodha { $edition }, { $days ->
    [one] siku { $days }
   *[other] siku { $days }
}
detail-no-number = hakuna namba ya hati kwenye mistari
detail-child = { $age ->
    [one] umri mwaka { $age }
   *[other] umri miaka { $age }
}: chini ya { $minimum } hakuna alama
detail-no-portrait = hakuna picha ya uso kwenye hati
detail-no-face = hakuna uso ulioonekana
detail-several-faces = nyuso { $count } zimeonekana: mtu mmoja kwa wakati
detail-face-turned = uso haujasimama wima
detail-face-small = uso ni mdogo mno: sogea karibu
detail-face-compared = zimelinganishwa na mashine
detail-no-format = mistari si ya muundo unaojulikana
detail-visual = ukurasa unasema { $printed }, mistari { $zone }
detail-corrected = mistari ilirekebishwa kwa mkono baadaye
detail-typed = imeandikwa na afisa
detail-chip-silent = chipu inatarajiwa na hakuna iliyojibu; chipu huharibika, hilo pekee halithibitishi kitu
detail-chip-altered = si kama ilivyotiwa sahihi: { $files }
detail-chip-signer-unknown = msaini wa nchi { $signer } hajulikani na kisanduku hiki

# --- the questions
check-zone-present = Mistari imepatikana
check-zone-format = Muundo wa mistari
check-zone-characters = Herufi za mistari
check-zone-evidence = Picha na usomaji vinalingana
check-zone-check_digit-document_number = Tarakimu ya uhakiki ya namba ya hati
check-zone-check_digit-date_of_birth = Tarakimu ya uhakiki ya kuzaliwa
check-zone-check_digit-date_of_expiry = Tarakimu ya uhakiki ya mwisho wa muda
check-zone-check_digit-optional = Tarakimu ya uhakiki ya namba binafsi
check-zone-check_digit-composite = Tarakimu ya uhakiki ya jumla
check-zone-date_of_birth = Tarehe ya kuzaliwa
check-zone-date_of_expiry = Tarehe ya mwisho wa muda
check-zone-issuing_state = Nchi iliyotoa
check-zone-nationality = Uraia
check-zone-sex = Jinsia
check-zone-document_validity = Uhalali
check-chip-access = Chipu inajibu
check-chip-access-pace = Kufikia chipu kwa PACE
check-chip-access-bac = Kufikia chipu kwa BAC
check-chip-common_data = Chipu: orodha ya mafaili yake
check-chip-authenticity = Chipu: ni halisi
check-chip-conformance = Chipu: kama kiwango kinavyosema
check-chip-security_object = Chipu: faili la usalama
check-chip-passive_authentication-signature = Chipu: sahihi
check-chip-passive_authentication-chain = Chipu: imesainiwa na nchi yake
check-chip-passive_authentication-validity = Chipu: vyeti ni halali
check-chip-passive_authentication-revocation = Chipu: msaini hajafutwa
check-chip-passive_authentication-algorithms = Chipu: kanuni
check-chip-data_group_hashes = Chipu: mafaili hayajabadilishwa
check-chip-issuing_state = Chipu: nchi iliyotoa
check-chip-zone_agrees = Chipu na ukurasa vinalingana
check-chip-active_authentication = Chipu si nakala (hai)
check-chip-chip_authentication = Chipu si nakala
check-page-present = Ukurasa umepatikana
check-page-portrait = Picha ya uso kwenye ukurasa
check-page-focus = Ukurasa ni wazi
check-page-glare = Hakuna mng'ao kwenye ukurasa
check-page-resolution = Ukurasa unaonekana vizuri
check-page-infrared_zone = Mistari ni myeusi kwenye infraredi
check-page-ultraviolet_dullness = Karatasi haing'ai kwenye urujuanimno
check-page-visual_zone-document_number = Namba ya hati iliyochapwa
check-page-visual_zone-date_of_birth = Tarehe ya kuzaliwa iliyochapwa
check-page-visual_zone-date_of_expiry = Mwisho wa muda uliochapwa
check-page-visual_zone-name = Jina lililochapwa
check-page-visual_zone-nationality = Uraia uliochapwa
check-page-visual_zone-sex = Jinsia iliyochapwa
check-face-live = Uso mbele ya kamera
check-face-reference = Uso kwenye hati
check-face-match = Ulinganisho wa nyuso
check-face-skipped = Uso umelinganishwa kwa macho
check-search-documents = Hati zilizoorodheshwa
check-search-persons = Watu walioorodheshwa
check-search-edition = Umri wa orodha

# --- the technician's pages
technician-title = Fundi
standing-no-key = Kifaa hiki bado hakina ufunguo: kisajili kwanza.
standing-never = Hakijawahi kusawazishwa: picha zinasomwa zilivyo.
standing-calibrated = Kilisawazishwa { $made }, tena { $due }.
standing-distrusted = Usawazishaji hauaminiki: ukaguzi wa ukurasa unabaki wazi.
verdict-green = ndani ya kiwango
verdict-amber = inabadilika: iangalie
verdict-red = nje ya kiwango
step-focus = Ulengaji
step-geometry = Jiometri
step-lamps = Taa
step-colour = Rangi
step-inks = Infraredi na urujuanimno
step-zone = Kusoma eneo la mashine
step-faces = Kamera ya uso
step-golden = Skani ya rejea
step-optional = (kifaa kinaweza kukosa)
place-focus-sheet = Weka karatasi ya ulengaji juu ya kioo, chapa ikiangalia chini; funga kifuniko.
place-board-held = Shika ubao wa miraba upana wa mkono juu ya kioo, ukiinamisha, kila mara kwa namna nyingine; wote lazima uonekane.
place-board-flat = Laza ubao wa miraba juu ya kioo; funga kifuniko.
place-white-sheet = Funika kioo chote kwa karatasi nyeupe safi; funga kifuniko.
place-patches = Weka chati ya rangi 24 juu ya kioo; funga kifuniko.
place-infrared-card = Weka kadi ya infraredi juu ya kioo; funga kifuniko.
place-ultraviolet-card = Weka kadi ya urujuanimno juu ya kioo; funga kifuniko, na ukiache kimefungwa.
place-specimen = Weka hati ya mfano juu ya kioo; funga kifuniko.
place-face-near = Shika chati ya uso wima, sm 40 mbele ya kamera ya uso.
place-face-middle = Shika chati ya uso wima, sm 60 mbele ya kamera ya uso.
place-face-far = Shika chati ya uso wima, sm 100 mbele ya kamera ya uso.
place-sheet-in-lid = Ondoa kila kitu juu ya kioo; funga kifuniko.
shot-white = Chini ya mwanga mweupe
shot-dark = Taa zote zikiwa zimezimwa
shot-infrared = Chini ya infraredi
shot-ultraviolet = Chini ya urujuanimno
shot-view = Ukiwa umeinamishwa (sita au zaidi)
shot-flat = Ukilala juu ya kioo
shot-40 = Kwa sm 40
shot-60 = Kwa sm 60
shot-100 = Kwa sm 100
burning-white = taa nyeupe
burning-infrared = taa ya infraredi
burning-ultraviolet = taa ya urujuanimno
taking-warming = Inapata joto: { $lamp }
taking-resting = Taa ya urujuanimno inapumzika sekunde chache
taking-lamp = Inapiga picha: { $lamp }
taking-dark = Inapiga picha taa zote zikiwa zimezimwa
taking-pictures = Inapiga picha; acha kila kitu kilivyo
took-step = { $step }: { $verdict }
took-more = { $step }: imepigwa; picha inayofuata inaombwa hapa chini.
took-drift = Skani ya kila siku: { $verdict }
took-failed = Haikuweza kupimwa: { $why }
pictures-take = Piga picha
pictures-send = Tuma picha badala yake
pictures-undecoded = Picha hazikuweza kusomwa.
measure = Pima
views-of = { $taken } kati ya { $wanted }
specimen-lines = Mistari ya eneo lake, kama ilivyochapwa
specimen-lines-missing = Andika kwanza mistari ya eneo la hati ya mfano.
glass-taken = Picha tayari zinapigwa, au kifaa hiki hakina kamera.
drift-title = Skani ya kila siku
drift-take = Skani sasa
drift-history = Skani { $count } za mwisho: kipimo kibaya zaidi kimetumia kiasi gani cha kikomo chekundu; mstari ndio kikomo.
calibration-title = Usawazishaji
report-save = Ripoti (HTML, ya kuchapa)
figure-name = Kipimo
figure-measured = Kilichopimwa
figure-tolerance = Kiwango
sign-profile = Tia sahihi wasifu kwa siku 90
signed-until = ✓ Imetiwa sahihi hadi { $day }
