# Miiska sarkaalka af-Soomaali. The officer's desk in Somali; every key of en.ftl stands here.
# Reviewed by a native speaker: no. The menu says so.

language-name = Soomaali
language-note = (lama hubin)

# --- frame
desk-title = Miiska sarkaalka
lane-label = Wadiiqo { $lane }
post-label = Xarun { $post }
sign-out = Ka bax
theme-label = Shaashadda
theme-sun = Qorrax
theme-normal = Caadi
theme-night = Habeen
language-label = Luqadda
skip-to-content = U gudub nuxurka
menu-label = Liiska doorashooyinka
menu-home = Bilow
more = Dheeraad
print = Daabac
named-detail = { $name }: { $detail }
date-time = { $date }, { $time }
edition-none = Liis kuma jiro sanduuqan
edition-age = Liiska { $number } · { $age }
edition-stale = Liiska { $number } waa { $age } jir
edition-lapsed = Liiska { $number } xaruntu ma xaqiijin { $age }
role-trust = Saxiixayaasha waddamada
role-crl = Liisaska burinta
role-defects = Liisaska cilladaha
role-model = Moodallada
role-policy = Siyaasadda
role-locale = Luqadaha
role-software = Barnaamijyada
role-silent = xaruntu ma xaqiijin { $age }
outbox-empty = Wax walba waa la diray
outbox-waiting = { $count ->
    [one] { $count } diiwaan ayaa sugaya diris
   *[other] { $count } diiwaan ayaa sugaya diris
}
age-under-hour = saacad ka yar
age-hours = { $count } saac
age-days = { $count ->
    [one] { $count } maalin
   *[other] { $count } maalmood
}

# --- signing in
sign-in = Gal
officer-id = Sarkaal
pin = Lambarka sirta
sign-in-wrong = Sarkaalka ama lambarka sirta waa khalad. Isku day mar kale.
sign-in-locked = Sarkaalkan waa la xiray shan lambar oo khalad ah kaddib. Farsamoyaqaanka ayaa furi kara.
sign-in-failed = Galitaanku wuu ku fashilmay sanduuqan: u yeer farsamoyaqaanka.
sign-in-no-officers = Sanduuqan weli ma yaqaan sarkaal. Farsamoyaqaanku wuxuu ku daraa: mpaka officer add --id MAGAC --pin-stdin
box-locked = Sanduuqan muddo dheer warka xarunta dhexe ma helin, wuuna xiran yahay. Ku xir shabakadda ama wac xarunta. Ilaa markaas warqad ku shaqee; waxba ma lumin.
box-locked-allows = Inta uu xiran yahay waxaad gelin kartaa socotada warqadda ku qoran, waad go'aamin kartaa kan halkan taagan, waadna wareejin kartaa marinka. Liis lama baarayo.
case-locked = Sanduuqan waa xiran yahay: daboolkiisa waa la furay. Isticmaal lambar warqad ah, una yeer farsamoyaqaanka.
box-updating = Sanduuqan wuxuu gelinayaa nooc cusub oo barnaamijkiisa ah. Sug hal daqiiqo, kaddibna dukumentiga mar kale dhig; waxba ma lumin.
lease-none = waqti xad ah ma leh
lease-left = { $left } ayaa haray xarunta la'aanteed
lease-locked = Wuu xiran yahay ilaa xarunta laga maqlo
session-over = Fadhigaagu wuu dhammaaday. Gal mar kale.
form-refused = Foomkan miiskan kama iman, ama waa duug. Waxba lama beddelin. Dib u noqo oo isku day mar kale.
page-absent = Bog noocaas ah halkan ma jiro.
back-to-lane = Ku noqo wadiiqada

# --- opening the lane, the shift
self-test-title = Is-tijaabin
self-test-help = Waxa calaamaddu saaran tahay su'aalo ayuu furan ka dhigaa; cidna ma joojiyo. Fur wadiiqada markaad akhrido.
lane-open-now = Fur wadiiqada
lane-open-locked = U gudub warqadda
part-list = Liiska
part-headquarters = Xarunta dhexe
part-zone-reader = Akhrinta aagga
part-face-matcher = Isbarbardhigga wejiyada
part-reader = Akhriyaha dukumentiga
part-chip-reader = Akhriyaha jibka
part-board = Nalalka iyo furayaasha
part-store = Diiwaanada
part-works = wuu shaqaynayaa
part-technician = ma shaqaynayo: u yeer farsamoyaqaanka
part-no-chip-reader = kuma xirna: jibabka lama akhriyo
part-trust = Saxiixayaasha dalalka
part-trust-none = midna: jib lama caddayn karo
part-trust-age = liiska ugu cusub waa { $count } maalmood
shift-title = Shaqo-wareeg
shift-since = laga bilaabo { $time }
shift-travellers = Socotada
shift-undecided = Go'aan la'aan
shift-left = Loo dhaafay sarkaalka xiga
shift-interrupted = Hubin go'day
shift-in-front = Socoto miiska ku sugaysa
shift-outbox = Diiwaanno sugaya diris
shift-hand-over = Wareeji wadiiqada

# --- the lane
lane-ready = Diyaar u ah socotada xigta
lane-place = Dukumentiga dul saar akhriyaha, sawirku hoos ha u jeedo.
lane-read = Akhri dukumentiga
lane-scenes = Socotada tusaalaha
lane-upload = Faylal sawir ah
lane-upload-page = Sawirka bogga xogta
lane-upload-live = Sawirka socotada
lane-upload-start = Hubi sawirradan
lane-open = Socoto ayaa sugaysa go'aankaaga
lane-open-go = U tag socotada
lane-no-camera = Akhriye kuma xirna. Isticmaal faylal sawir.
lane-camera-failed = Akhriyuhu sawir ma bixin: { $why }
lane-broke-off = Hubintii way go'day. Dukumentiga mar kale saar.
lane-done-Admit = Waa la oggolaaday
lane-done-Refer = Waxaa loo diray safka labaad
lane-done-Hold = Waa la hakiyay
lane-done-record = Waxaa loo diiwaangeliyay { $encounter }
lane-done-protection = Waddada ilaalinta.
preview-nothing = Dukumenti ma saarna akhriyaha
preview-ready = Dukumentigu si fiican buu u yaallaa: akhri
preview-no-zone = Aag lama arko: rog dukumentiga, ama bogga sawirka leh dhalada saar
preview-alt = Waxa saaran akhriyaha
interrupted-title = Way go'een markii korontadu go'day
interrupted-at = Socoto { $time }
interrupted-take-up = Sii wad oo go'aan gaar
interrupted-read-again = Waxba lama akhrin: meesha ka saar
paper-title = Ka geli warqad
paper-help = Socotada ku gudbay lambar warqad ah intii sanduuqu damsanaa. Waxaad qorto hadda ayaa la raadinayaa; kaddib xaqiiji waxa la go'aamiyay.
paper-help-locked = Sanduuqu wuu xiran yahay: waxaad qorto waa la diiwaangelinayaa, waxaana la diri doonaa hadhow. Liis lama baarayo. Kadib xaqiiji wixii la go'aamiyay.
paper-number = Lambarka warqadda
paper-day = Maalinta
paper-time = Saacadda
paper-enter = Raadi oo sii wad
paper-enter-locked = Sii wad
paper-number-missing = Qor lambarka ku qoran warqadda.
paper-time-wrong = Kani ma aha maalin iyo saacad tagtay.
picture-missing = Dooro labada sawir: bogga xogta iyo socotada.
picture-unreadable = Faylkani ma aha sawir la akhrin karo: { $why }
decide-first = Marka hore go'aan ka gaar socotada hortaada taagan.

# --- referral and notice
referral-hint = Sii socotada tixraaca.
referral-show = Tixraaca socotada
referral-title = Tixraaca socotada
referral-reference = Tixraac
referral-code-alt = Tixraaca oo ah kood kaamirada telefoonka
referral-help = Tixraacan socotadu waxay ku weydiin kartaa sababta oo ku caban kartaa. Qofka waxba kama sheego.
referral-language = Ku tus ogeysiiska luqadda socotada
referral-back = Ku noqo tixraaca
notice-title = Fadlan sug hubin labaad
notice-second-check = Sarkaal ayaa raba in saaxiibkiis eego dukumentiyadaada. Tani diidmo maaha.
notice-people-decide = Kombiyuutar ayaa hubinta caawiyay, laakiin dad keliya ayaa kaa go'aan gaara.
notice-rights = Waad weydiin kartaa sababta, turjubaan waad codsan kartaa, khaladaad waa la sixi karaa, waadna caban kartaa. Hayso tixraacan.
notice-protection = Haddaad ka baqayso inaad dal ku noqoto, u sheeg sarkaal kasta. Cidina dalkaas uma sheegi doonto.
notice-reference = Tixraacaaga

# --- the second line
second-line-title = Safka labaad
second-line-none = Cidna lama soo dirin.
second-line-back = Ku noqo liiska
second-line-source = Halka qoraalku ka yimid xarunta dhexe ayaa taqaan.
column-time = Waqtiga
column-decision = Go'aanka
column-check = Su'aal
column-answer = Jawaab
column-detail = Faahfaahin
column-entry = Qoraal
column-likeness = Isu ekaansho
column-names = Magacyo iyo dhalasho
column-action = Waxa la samaynayo
column-why = Sababta

# --- the encounter
facts-title = Socotada iyo hubinta
details-link = Faahfaahinta oo dhan
details-title = Faahfaahinta oo dhan
details-back = Ku noqo socotada
lamp-white = Iftiin cad
lamp-infrared = Infared
lamp-ultraviolet = Ultarafayolet
lamp-none = lama qaadin
note-protection = Ilaalin: diiwaankan safka koowaad wuu ka xiran yahay, dalka uu ka yimidna waxba lama weydiiyo loomana sheego.
note-paper = Warqad: lambar { $number }, { $time }. Xaqiiji wixii markaas la go'aamiyay.
note-reopened = Waxay go'day { $time } markii korontadu go'day. Sawirradii way baxeen; waxba lama go'aamin.
note-corrected = Aagga gacan ayaa lagu qoray.
skip-title = Wejiga indho ku barbardhig
skip-veil = Indho-shareer
skip-injury = Dhaawac
skip-disability = Naafonimo
protection-title = Magangalyo-doon, qaxooti, ilmo keligiis ah
protection-take = Waddada ilaalinta
working = Waa la akhrinayaa …
working-help = Dukumentiga meeshiisa ku dhaaf.
photo-live = Hadda
photo-chip = Jib
photo-printed = Daabacan
photo-page = Bogga xogta
photo-none-live = Sawir toos ah ma jiro
photo-none-chip = Lama akhrin
photo-unproven-chip = Ma aha sidii loo saxiixay: lama tusayo
photo-none-printed = Lama helin
photo-alt-live = Socotada hadda
photo-alt-chip = Sawirka ku jira jibka dukumentiga
photo-alt-printed = Sawirka ku daabacan dukumentiga
photo-alt-page = Bogga xogta ee dukumentiga
guidance-turn = Dukumentiga ka jeedi iftiinka
guidance-hold_still = Dukumentiga ha dhaqaajin
guidance-move_closer = Dukumentiga soo dhowee
guidance-flatten = Bogga fidi
guidance-show_whole = Bogga oo dhan tus
advice-Clear = Waa hagaag
advice-Look = Eeg
advice-Refer = Gudbi
headline-clear = Waxba uma baahna eegis labaad
name-unknown = Magaca lama akhrin
sex-F = Dheddig
sex-M = Lab
sex-X = Jinsiga lama sheegin
age-years = { $count ->
    [one] { $count } sano jir
   *[other] { $count } sano jir
}
born-on = Dhashay { $date }
doc-passport = baasaboor
doc-card = kaar
doc-visa = fiiso
doc-other = dukumenti
document-line = { $state } · { $kind } { $number }
validity-left = wuxuu shaqaynayaa { $left } kale
validity-today = wuxuu shaqaynayaa ilaa maanta
validity-over = wuxuu dhacay { $date }
validity-unknown = taariikh dhicitaan lama akhrin
duration-years = { $count ->
    [one] { $count } sano
   *[other] { $count } sano
}
duration-months = { $count ->
    [one] { $count } bil
   *[other] { $count } bilood
}
duration-days = { $count ->
    [one] { $count } maalin
   *[other] { $count } maalmood
}
duration-two = { $first } iyo { $second }
date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
date-year = { $year }
date-unknown = lama yaqaan
month-1 = Janaayo
month-2 = Febraayo
month-3 = Maarso
month-4 = Abriil
month-5 = Maayo
month-6 = Juun
month-7 = Luulyo
month-8 = Agoosto
month-9 = Sebtembar
month-10 = Oktoobar
month-11 = Nofembar
month-12 = Desembar
checks-title = Hubinta
group-zone = Aag
group-chip = Jib
group-page = Bog
group-face = Weji
group-search = Raadin
outcome-Successful = hagaag
outcome-Failed = eeg
outcome-Undetermined = furan
outcome-NotSupported = ma jiro
outcome-Aborted = way go'day
outcome-working = way socotaa
reasons-title = Sababta
reason-document_listed = Dukumentigu wuxuu ku qoran yahay kuwa lumay, la xaday ama la buriyay
reason-person_resembles = Qof liiska ku jira ayaa aad ugu eg socotadan
reason-chip_contradicts = Jibku ma aha sidii dawladdiisu u samaysay, ama waa koobi
reason-document_expired = Dukumentigu wuu dhacay
reason-check_digit_wrong = Lambar hubin ah ma habboona: aagga iyo bogga isbarbardhig
reason-face_differs = Wejiga iyo sawirku way kala duwan yihiin: isbarbardhig
reason-person_may_resemble = Qof liiska ku jira ayaa u eg socotadan: isbarbardhig
reason-page_contradicts = Boggu uma samaysna sida dukumentiyada safarka: nalalka hoostooda ku eeg
reason-chip_unproven = Run ahaanshaha jibka lama caddayn: eeg qodobada la magacaabay
reason-chip_silent = Jibka lama akhriyi karin: mar kale dhig dukumentiga
reason-visa_alone = Fiiso aan baasaboor lahayn: akhri baasaboorka
reason-visual_zone_differs = Boggu wuxuu sheegayaa wax aan aagga ahayn: isbarbardhig
reason-zone_irregular = Aagga wax aan caadi ahayn ayaa ku jira: bogga la barbardhig
reason-zone_unreadable = Aagga lama akhrin karin: dukumentiga mar kale saar
reason-face_uncertain = Wejiyadu isuma eka kumana kala duwana ku filan: isbarbardhig
reason-compare_child_by_eye = Waa ilmo: wejiyada indho ku barbardhig
reason-face_skipped = Wejiga indho ku barbardhig: mashiinka lama weydiin
reason-second_line = Safka labaad waa inuu arkaa socotadan
reason-face_not_compared = Wejiyada lama barbardhigin: indho ku barbardhig
reason-not_searched = Liisaska lama raadin karin
reason-list_lapsed = Xaruntu waqti dheer ma xaqiijin liiska: in waxba la waayo caddayn ma aha
reason-trust_lapsed = Xaruntu waqti dheer ma xaqiijin liisaska jibka lagu qiimeeyo: eeg dukumentiga
reason-list_stale = Liiska sanduuqan waa duug
reason-faces_not_searched = Wejiyada liiska lama raadin karin
reason-page_unclear = Sawirka boggu wuu ka fiicnaan karay
zone-title = Aagga sidii loo akhriyay
zone-none = Aag lama akhrin
zone-correct = Sax aagga
zone-correct-help = Qor waxa daabacan; lambarrada hubinta ayaa raaca.
zone-label = Aagga, sadar sadar
zone-take = Qaado aaggan
zone-look = Lambarrada hubinta
zone-before = Sidii mashiinku u akhriyay
chip-opening = Jibka waa la furayaa …
chip-reading = Jibka waa la akhrinayaa …
chip-reading-face = Jibka waa la akhrinayaa: wejiga, { $percent } %
chip-stop = Sii wad jibka la'aantiis
chip-number-link = Ku akhri jibka lambarkiisa
chip-number-help = Qor lixda lambar ee ku daabacan dukumentiga (CAN).
chip-number-label = Lambarka gelitaanka kaarka
chip-number-six = Lambarku waa lix god.
chip-number-read = Akhri jibka
chip-number-failed = Jibku ma furmin: { $why }
fields-title = Bogga iyo jibka
column-field = Meel
field-same = Isku mid
field-differs = Way kala duwan yihiin
field-document_code = Koodka dukumentiga
field-document_number = Lambarka dukumentiga
field-surname = Magaca qoyska
field-given_names = Magacyada
field-optional = Xog ikhtiyaari ah
digits-title = Lambarrada hubinta
zone-text-empty = Qor 2 ama 3 sadar ee aagga.
zone-text-lines = Aag wuxuu leeyahay 2 ama 3 sadar; kani { $found }.
zone-text-length = Sadarka { $line } wuxuu leeyahay { $found } ee { $expected } xaraf.
zone-text-character = Sadarka { $line }, xarafka { $column }: A-Z, 0-9 iyo < keliya ayaa aag gala.
candidates-title = { $count ->
    [one] Hal qoraal oo liiska ah ayaa u eg socotadan
   *[other] { $count } qoraal oo liiska ah ayaa u eg socotadan
}
candidate-document = Dukumenti liiska ku jira
candidate-person = Qof liiska ku jira
candidate-face = Weji liiska ku jira
candidate-same = isku mid
candidate-close = aad isugu eg
candidate-somewhat = xoogaa isugu eg
candidate-reference = tixraac { $entry }
candidate-second-line = Safka labaad ayaa arka waxa qoraalku sheegayo.
candidate-cleared-first_line = Hore ayaa loo caddeeyay: { $day }, safka hore
candidate-cleared-second_line = Hore ayaa loo caddeeyay: { $day }, safka labaad
candidate-another-person = Socdaalahu waa qof kale: xusuuso marka la oggolaado
candidates-cleared = { $count ->
    [one] Hal u ekaansho, hore loo caddeeyay
   *[other] { $count } u ekaansho, hore loo caddeeyay
}
evidence-name = magac
evidence-birth = taariikhda dhalashada
evidence-sex = jinsi
evidence-state = dal
evidence-document = lambarka dukumentiga
evidence-face = weji
decision-title = Go'aankaaga
decide-Admit = Oggolow
decide-Refer = U dir safka labaad
decide-Hold = Haki
decide-face-again = Wejiga mar kale
place-again = Mar kale dhig
advice-is = Taladu waa { $advice }.
why-otherwise = Si kale ayaad go'aamisay. Maxay tahay sababtu?
override-not_this_person = Ma aha qofka liiska ku jira
override-compared_by_eye = Indho ayaan ku barbardhigay
override-document_examined = Dukumentiga gacan ayaa lagu eegay
override-instructed = Madax ayaa amar bixiyay
override-interview = Wareysi
override-misread_by_machine = Mashiinka ayaa si khaldan u akhriyay
override-decided_on_paper = Warqad ayaa lagu go'aamiyay
cancel = Dib u noqo, mar kale go'aami
record-failed = Go'aanka LAMA diiwaangelin karin: { $why }. Waxba lama dirin. U yeer farsamoyaqaanka; isticmaal lambar warqad ah.
why-reader-silent = ma jawaabayo: hubi fiilada
why-picture-large = aad bay u weyn tahay
why-picture-damaged = way dhaawacan tahay
why-picture-unknown = noocaas lama yaqaan
why-page-of-before = boggu weli waa kii socotadii ka horreysay: dhig dukumentiga kan
why-face-of-before = wejigu weli waa kii socotadii ka horreysay: sawir ka qaad kan
why-disk-full = diskigu waa buuxaa
why-store = sanduuqu ma qori karin

# --- details of checks
detail-code = { $code }
detail-document-code = Koodhka dukumentigu wuxuu ku bilaabmaa { $first }.
detail-character = sadarka { $line }, xarafka { $column }: { $read } halkaas ma geli karo
detail-digit = la filayay { $expected }, la akhriyay { $read }
detail-no-date = { $read } taariikh maaha
detail-sex = la akhriyay { $read }
detail-expired = wuxuu dhacay { $day }
detail-valid-until = wuxuu shaqaynayaa ilaa { $day }
detail-expiry-doubtful = la akhriyay { $day }, lambarkiisa hubintuna ma habboona
detail-faces-other-model = wejiyada liiska waxaa sameeyay moodel kale
detail-edition-old = liiska { $edition }, { $days ->
    [one] { $days } maalin
   *[other] { $days } maalmood
}
detail-lease-over = xaruntu ma xaqiijin { $days ->
    [one] { $days } maalin
   *[other] { $days } maalmood
}
detail-no-number = lambar dukumenti aagga kuma jiro
detail-child = { $age ->
    [one] { $age } sano jir
   *[other] { $age } sano jir
}: { $minimum } ka hooseeya dhibco lama sameeyo
detail-no-portrait = sawir weji dukumentiga lagama helin
detail-no-face = weji lama helin
detail-several-faces = { $count } weji ayaa la helay: hal qof markiiba
detail-portrait-of-child = sawirku waxa laga yaabaa inuu ka horreeyo da'da { $minimum }: dhibco lama bixiyo
detail-face-turned = weji ma toosna
detail-face-small = wejigu aad buu u yar yahay: soo dhowow
detail-face-compared = mashiinka ayaa barbardhigay
detail-no-format = aaggu ma aha aag qaab la yaqaan leh
detail-visual = boggu wuxuu leeyahay { $printed }, aagguna { $zone }
detail-corrected = aagga gacan ayaa lagu saxay kaddib
detail-typed = sarkaalka ayaa qoray
detail-chip-silent = jib ayaa la filayay, waxna ma jawaabin; jibku wuu jabaa, taasi keligeed waxba ma caddaynayso
detail-chip-altered = ma aha sidii loo saxiixay: { $files }
detail-chip-signer-unknown = saxiixaha dalka { $signer } sanduuqani ma yaqaan
detail-visa = qofna kuma safro fiiso keliya
detail-no-such-digit = qaabkani ma laha lambarkaas hubinta
detail-known-in-part = qayb baa la yaqaan
detail-marked-unknown = waxaa lagu calaamadeeyay in aan la aqoon
detail-none-stated = lama sheegin
detail-cannot-be-read = lama akhrin karo
detail-no-zone = aagga lama akhrin
detail-broke-off = way go'day: isku day mar kale
detail-locked = sanduuqu wuu xiran yahay: waxba lama baarin
detail-edition = liiska { $edition }
detail-list-unreadable = liiska lama akhrin karo: u yeer farsamayaqaanka
detail-no-faces-sought = sawir wejiga lama raadin: u yeer farsamayaqaanka
detail-doubtful = { $count ->
    [one] { $count } xaraf waa shaki
   *[other] { $count } xaraf waa shaki
}
detail-blurred = waxay u dhimman tahay { $measured } mm
detail-glare = iftiin ayaa ku yaal { $measured } % aagga
detail-resolution = { $measured } biksal inshkiiba
detail-not-stated = aaggu ma sheegaan
detail-not-repeated = dhinacan kaarku khasab kuma aha inuu ku celiyo
detail-not-found-printed = qoraalka lagama helin
detail-visual-doubtful = boggu wuxuu u muuqdaa inuu leeyahay { $printed }, aagguna { $zone }; inta kale si fiican looma akhrin
detail-visual-unread = qoraalka lama akhrin karin
detail-distrusted = cabbirka akhriyaha laguma kalsoonaan karo: u yeer farsamayaqaanka
detail-reader-absent = akhriyaha jibka ma shaqaynayo: u yeer farsamayaqaanka
detail-reader-hung = akhriyaha jibku ma jawaabayo. Dukumentiga mar kale dhig; haddii uu sidaas ku sii jiro, fiilada ka saar oo ku celi
detail-chip-none = jib ma jawaabin
detail-chip-no-key = aagga si ku filan looma akhrin si loo furo
detail-chip-wrong-key = kuma furmo wixii la akhriyay ama la qoray
detail-chip-needs-zone = wuxuu ku furmaa aagga oo keliya
detail-chip-called-off = ilaa dhammaadka lama akhrin
detail-chip-lost = xiriirku wuu go'ay: dukumentiga halkiisa u daa
detail-chip-broke-off = way go'day: dukumentiga mar kale dhig
detail-chip-by-number = jibka waxaa lagu furay lambarkiisa
detail-chip-differs = waxa kala duwan waxaa lagu calaamadeeyay jadwalka
detail-chip-differs-optional = xogta ikhtiyaariga ah oo keliya ayaa kala duwan
detail-chip-offers-none = jibku ma bixiyo
detail-chip-proven = wuu caddeeyay
detail-chip-copy = jibku ma hayo furaha dukumentiga
detail-chip-refuses = jibku wuu diiday inuu caddeeyo
detail-chip-ways = jibku wuxuu bixiyaa habab ka duwan kuwa dawladdiisu saxiixday
detail-chip-downgraded = waxaa lagu furay habkii hore, in kastoo mid cusub la bixiyay
detail-chip-clear = waxaa la akhriyay iyada oo aan la ilaalin

# --- the questions
check-zone-present = Aag la helay
check-zone-format = Qaabka aagga
check-zone-characters = Xarfaha aagga
check-zone-evidence = Sawirka iyo akhrintu way is waafaqsan yihiin
check-zone-check_digit-document_number = Lambarka hubinta ee lambarka dukumentiga
check-zone-check_digit-date_of_birth = Lambarka hubinta ee dhalashada
check-zone-check_digit-date_of_expiry = Lambarka hubinta ee dhicitaanka
check-zone-check_digit-optional = Lambarka hubinta ee lambarka qofka
check-zone-check_digit-composite = Lambarka hubinta ee guud
check-zone-date_of_birth = Taariikhda dhalashada
check-zone-date_of_expiry = Taariikhda dhicitaanka
check-zone-issuing_state = Dalka bixiyay
check-zone-nationality = Dhalashada
check-zone-sex = Jinsiga
check-zone-document_validity = Ansaxnimada
check-zone-travel_document = Dukumenti safar
check-chip-access = Jibku wuu jawaabayaa
check-chip-access-pace = Gelitaanka jibka PACE
check-chip-access-bac = Gelitaanka jibka BAC
check-chip-common_data = Jib: liiska faylashiisa
check-chip-authenticity = Jib: waa run
check-chip-conformance = Jib: sida heerku sheegayo
check-chip-security_object = Jib: faylka amniga
check-chip-passive_authentication-signature = Jib: saxiix
check-chip-passive_authentication-chain = Jib: dawladdiisa ayaa saxiixday
check-chip-passive_authentication-validity = Jib: shahaadooyinku way shaqaynayaan
check-chip-passive_authentication-revocation = Jib: saxiixaha lama burin
check-chip-passive_authentication-algorithms = Jib: hababka xisaabta
check-chip-data_group_hashes = Jib: faylasha lama beddelin
check-chip-issuing_state = Jib: dalka bixiyay
check-chip-zone_agrees = Jibka iyo boggu way is waafaqsan yihiin
check-chip-active_authentication = Jibku koobi maaha (firfircoon)
check-chip-chip_authentication = Jibku koobi maaha
check-page-present = Bog la helay
check-page-portrait = Sawirka bogga
check-page-focus = Boggu waa cad yahay
check-page-glare = Dhalaal bogga kuma jiro
check-page-resolution = Boggu si fiican ayuu u muuqdaa
check-page-infrared_zone = Aaggu waa madow infared hoostiis
check-page-ultraviolet_dullness = Warqaddu ma dhalaalayso ultarafayolet
check-page-visual_zone-document_number = Lambarka dukumentiga ee daabacan
check-page-visual_zone-date_of_birth = Taariikhda dhalashada ee daabacan
check-page-visual_zone-date_of_expiry = Taariikhda dhicitaanka ee daabacan
check-page-visual_zone-name = Magaca daabacan
check-page-visual_zone-nationality = Dhalashada daabacan
check-page-visual_zone-sex = Jinsiga daabacan
check-face-live = Weji kaamirada hortiisa
check-face-reference = Weji dukumentiga ku jira
check-face-printed = Sawirka daabacan iyo kan jibka
check-face-match = Isbarbardhigga wejiyada
check-face-skipped = Wejiga indho ayaa lagu barbardhigay
check-search-documents = Dukumentiyo liiska ku jira
check-search-persons = Dad liiska ku jira
check-search-faces = Wejiyada liiska ku jira
check-search-edition = Da'da liiska

# --- the technician's pages
technician-title = Farsamoyaqaan
standing-no-key = Qalabkani weli fure ma laha: marka hore diiwaangeli.
standing-never = Weligeed lama habayn: sawirrada sidooda ayaa loo akhriyaa.
standing-calibrated = La habeeyay { $made }, mar kale { $due }.
standing-distrusted = Habaynta laguma kalsoona: hubinta boggu way furan tahay.
verdict-green = xadka gudihiisa
verdict-amber = way leexanaysaa: la soco
verdict-red = xadka dibaddiisa
step-focus = Fiirsashada
step-geometry = Joomatari
step-lamps = Nalalka
step-colour = Midabka
step-inks = Infrared iyo ultraviolet
step-zone = Akhriska aagga
step-faces = Kaamirada wejiga
step-golden = Iskaanka tixraaca
step-optional = (qalabku wuu ka maarmi karaa)
place-focus-sheet = Dul dhig warqadda fiirsashada muraayadda, daabacaaddu hoos ha u jeeddo; xir daboolka.
place-board-held = Looxa shaxda gacan ballaadhkeed kor uga hay muraayadda, u janjeeri, mar kasta si kale; dhammaantiis waa in la arko.
place-board-flat = Looxa shaxda si fidsan ugu dul dhig muraayadda; xir daboolka.
place-white-sheet = Muraayadda oo dhan ku dabool warqad cad oo nadiif ah; xir daboolka.
place-patches = Dul dhig jaantuska 24ka midab muraayadda; xir daboolka.
place-infrared-card = Dul dhig kaarka infrared muraayadda; xir daboolka.
place-ultraviolet-card = Dul dhig kaarka ultraviolet muraayadda; xir daboolka, oo ha furin.
place-specimen = Dul dhig dukumenti tusaale ah muraayadda; xir daboolka.
place-face-near = Jaantuska wejiga toos u hay, 40 sm ka hor kaamirada wejiga.
place-face-middle = Jaantuska wejiga toos u hay, 60 sm ka hor kaamirada wejiga.
place-face-far = Jaantuska wejiga toos u hay, 100 sm ka hor kaamirada wejiga.
place-sheet-in-lid = Wax kasta ka qaad muraayadda; xir daboolka.
shot-white = Iftiin cad hoostiis
shot-dark = Nalalka oo dhan oo daminsan
shot-infrared = Infrared hoostiis
shot-ultraviolet = Ultraviolet hoostiis
shot-view = Isagoo janjeera (lix ama ka badan)
shot-flat = Isagoo muraayadda saaran
shot-40 = 40 sm
shot-60 = 60 sm
shot-100 = 100 sm
burning-white = nalka cad
burning-infrared = nalka infrared
burning-ultraviolet = nalka ultraviolet
taking-warming = Way kululaanaysaa: { $lamp }
taking-resting = Nalka ultraviolet wuu nasanayaa dhawr ilbiriqsi
taking-lamp = Sawir baa la qaadayaa: { $lamp }
taking-dark = Sawir baa la qaadayaa nalalka oo daminsan
taking-pictures = Sawirro baa la qaadayaa; wax walba siday yihiin u daa
took-step = { $step }: { $verdict }
took-more = { $step }: waa la qaaday; sawirka xiga hoos ayaa laga codsanayaa.
took-drift = Iskaanka leexashada: { $verdict }
took-failed = Lama cabbiri karin: { $why }
pictures-take = Qaad sawirrada
pictures-send = Beddelkeed sawirro dir
pictures-undecoded = Sawirrada lama furi karin.
measure = Cabbir
views-of = { $taken } ka mid ah { $wanted }
specimen-lines = Sadarrada aaggeeda, sida loo daabacay
specimen-lines-missing = Marka hore qor sadarrada aagga tusaalaha.
glass-taken = Sawirro ayaa horay loo qaadayaa, ama qalabkani kaamiro ma laha.
drift-title = Iskaanka leexashada ee maalinlaha
drift-take = Hadda iskaan garee
drift-history = Iskaannadii ugu dambeeyay { $count }: inta xadka cas ee tirada ugu xun gaadhay; xariiqdu waa xadka.
calibration-title = Habayn
report-save = Warbixin (HTML, daabacaad)
figure-name = Tirada
figure-measured = La cabbiray
figure-tolerance = Xadka
sign-profile = Saxiix astaanta
signed-until = ✓ Waa la saxiixay ilaa { $day }
