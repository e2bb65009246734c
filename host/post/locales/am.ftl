# የመኮንኑ ጠረጴዛ በአማርኛ። The officer's desk in Amharic; every key of en.ftl stands here.
# Reviewed by a native speaker: no. The menu says so. Dates are of the Gregorian calendar, as documents have them.

language-name = አማርኛ
language-note = (አልተገመገመም)

# --- frame
desk-title = የመኮንኑ ጠረጴዛ
lane-label = መስመር { $lane }
post-label = ኬላ { $post }
sign-out = ውጣ
theme-label = ገጽታ
theme-sun = ፀሐይ
theme-normal = መደበኛ
theme-night = ሌሊት
language-label = ቋንቋ
skip-to-content = ወደ ይዘቱ
menu-label = ዝርዝር ምርጫ
menu-home = መጀመሪያ
more = ተጨማሪ
print = አትም
named-detail = { $name }፦ { $detail }
date-time = { $date }፣ { $time }
edition-none = በዚህ ሣጥን ላይ ዝርዝር የለም
edition-age = ዝርዝር { $number } · { $age }
edition-stale = ዝርዝር { $number } { $age } ሆኖታል
edition-lapsed = ዝርዝር { $number } ለ{ $age } በዋና መሥሪያ ቤት አልተረጋገጠም
role-trust = የሀገር ፈራሚዎች
role-crl = የስረዛ ዝርዝሮች
role-defects = የጉድለት ዝርዝሮች
role-model = ሞዴሎች
role-policy = ፖሊሲ
role-locale = ቋንቋዎች
role-software = ፕሮግራሞች
role-silent = ለ{ $age } በዋና መሥሪያ ቤት አልተረጋገጠም
outbox-empty = ሁሉም ተልኳል
outbox-waiting = { $count ->
    [one] { $count } መዝገብ ለመላክ ይጠብቃል
   *[other] { $count } መዝገቦች ለመላክ ይጠብቃሉ
}
age-under-hour = ከ1 ሰዓት በታች
age-hours = { $count } ሰዓት
age-days = { $count ->
    [one] { $count } ቀን
   *[other] { $count } ቀናት
}

# --- signing in
sign-in = ግባ
officer-id = መኮንን
pin = ፒን
sign-in-wrong = መኮንኑ ወይም ፒኑ ስህተት ነው። እንደገና ይሞክሩ።
sign-in-locked = ይህ መኮንን ከአምስት የተሳሳቱ ፒኖች በኋላ ተቆልፏል። ቴክኒሻኑ መክፈት ይችላል።
sign-in-failed = በዚህ ሣጥን ላይ መግባት አልተቻለም፦ ቴክኒሻኑን ይጥሩ።
sign-in-no-officers = ይህ ሣጥን እስካሁን መኮንን አያውቅም። ቴክኒሻኑ ይጨምራል፦ mpaka officer add --id NAME --pin-stdin
box-locked = ይህ ሣጥን ከዋና መሥሪያ ቤት ለረጅም ጊዜ አልሰማም፤ ተቆልፏል። ከመረብ ጋር ያገናኙት ወይም ዋና መሥሪያ ቤት ይደውሉ። እስከዚያ በወረቀት ይሥሩ፤ ምንም አልጠፋም።
box-locked-allows = ተቆልፎ ሳለ መንገደኞችን ከወረቀት ማስገባት፣ እዚህ በቆመው ላይ መወሰንና መስመሩን ማስረከብ ይችላሉ። ምንም ዝርዝር አይፈለግም።
case-locked = ይህ ሣጥን ተቆልፏል፦ ክዳኑ ተከፍቶ ነበር። የወረቀት ቁጥር ይጠቀሙና ቴክኒሻኑን ይጥሩ።
box-updating = ይህ ሣጥን አዲስ የፕሮግራሙን ስሪት እየጫነ ነው። አንድ ደቂቃ ይጠብቁ፤ ከዚያ ሰነዱን እንደገና ያስቀምጡ፤ ምንም አልጠፋም።
lease-none = ያለ ግንኙነት የጊዜ ገደብ የለም
lease-left = ያለ ዋና መሥሪያ ቤት { $left } ቀርቷል
lease-locked = ዋና መሥሪያ ቤት እስኪሰማ ተቆልፏል
session-over = ጊዜዎ አብቅቷል። እንደገና ይግቡ።
form-refused = ይህ ቅጽ በዚህ ጠረጴዛ የተሠራ አይደለም፣ ወይም በጣም አሮጌ ነው። ምንም አልተለወጠም። ተመልሰው እንደገና ይሞክሩ።
page-absent = እንዲህ ያለ ገጽ እዚህ የለም።
back-to-lane = ወደ መስመሩ ተመለስ

# --- opening the lane, the shift
self-test-title = ራስን መፈተሽ
self-test-help = ምልክት የተደረገበት ጥያቄዎችን ክፍት ይተዋል፤ ማንንም አያቆምም። ካነበቡ በኋላ መስመሩን ይክፈቱ።
lane-open-now = መስመሩን ክፈት
lane-open-locked = ወደ ወረቀት ይቀጥሉ
part-list = ዝርዝር
part-headquarters = ዋና መሥሪያ ቤት
part-zone-reader = የዞን ንባብ
part-face-matcher = የፊት ንጽጽር
part-reader = የሰነድ አንባቢ
part-chip-reader = የቺፕ አንባቢ
part-board = መብራቶችና ማብሪያዎች
part-store = መዝገቦች
part-works = ይሠራል
part-technician = አይሠራም፦ ቴክኒሻኑን ይጥሩ
part-no-chip-reader = አልተገናኘም፦ ቺፖች አይነበቡም
part-trust = የአገሮች ፈራሚዎች
part-trust-none = የለም፦ የማንኛውም ቺፕ እውነተኛነት ሊረጋገጥ አይችልም
part-trust-age = የቅርቡ ዝርዝር { $count } ቀን
shift-title = ፈረቃ
shift-since = ከ{ $time } ጀምሮ
shift-travellers = ተጓዦች
shift-undecided = ሳይወሰን የቀረ
shift-left = ለቀጣዩ መኮንን የቀረ
shift-interrupted = የተቋረጡ ምርመራዎች
shift-in-front = በጠረጴዛው የሚጠብቁ ተጓዦች
shift-outbox = ለመላክ የሚጠብቁ መዝገቦች
shift-hand-over = መስመሩን አስረክብ

# --- the lane
lane-ready = ለቀጣዩ ተጓዥ ዝግጁ
lane-place = ሰነዱን ፎቶው ወደ ታች ሆኖ በአንባቢው ላይ ያድርጉ።
lane-read = ሰነዱን አንብብ
lane-scenes = የማሳያው ተጓዦች
lane-upload = ከምስል ፋይሎች
lane-upload-page = የመረጃ ገጹ ምስል
lane-upload-live = የተጓዡ ምስል
lane-upload-start = እነዚህን ምስሎች መርምር
lane-open = አንድ ተጓዥ ውሳኔዎን ይጠብቃል
lane-open-go = ወደ ተጓዡ ሂድ
lane-no-camera = አንባቢ አልተገናኘም። የምስል ፋይሎችን ይጠቀሙ።
lane-camera-failed = አንባቢው ምስል አልሰጠም፦ { $why }
lane-broke-off = ምርመራው ተቋረጠ። ሰነዱን እንደገና ያድርጉ።
lane-done-Admit = ተፈቅዷል
lane-done-Refer = ወደ ሁለተኛው መስመር ተልኳል
lane-done-Hold = እንዲቆይ ተደርጓል
lane-done-record = እንደ { $encounter } ተመዝግቧል
lane-done-protection = በጥበቃ መንገድ ላይ።
preview-nothing = በአንባቢው ላይ ሰነድ የለም
preview-ready = ሰነዱ በደንብ ተቀምጧል፦ አንብቡት
preview-no-zone = ዞን አይታይም፦ ሰነዱን ይገልብጡ፣ ወይም ፎቶ ያለበትን ገጽ በመስታወቱ ላይ ያድርጉ
preview-alt = በአንባቢው ላይ ያለው
interrupted-title = መብራት ሲጠፋ የተቋረጡ
interrupted-at = የ{ $time } ተጓዥ
interrupted-take-up = ቀጥል እና ወስን
interrupted-read-again = ምንም አልተነበበም፦ አስወግድ
paper-title = ከወረቀት አስገባ
paper-help = ሣጥኑ ሳይሠራ በወረቀት ቁጥር ላለፉ ተጓዦች። የሚጽፉት አሁን ይፈለጋል፤ ከዚያ የተወሰነውን ያረጋግጡ።
paper-help-locked = ሣጥኑ ተቆልፏል፤ የሚጽፉት ይመዘገባል፣ በኋላም ይላካል። ምንም ዝርዝር አይፈለግም። ከዚያ የተወሰነውን ያረጋግጡ።
paper-number = በወረቀቱ ላይ ያለው ቁጥር
paper-day = ቀን
paper-time = ሰዓት
paper-enter = ፈልግ እና ቀጥል
paper-enter-locked = ይቀጥሉ
paper-number-missing = በወረቀቱ ላይ ያለውን ቁጥር ይጻፉ።
paper-time-wrong = ይህ ያለፈ ቀንና ሰዓት አይደለም።
picture-missing = ሁለቱንም ምስሎች ይምረጡ፦ የመረጃ ገጹንና ተጓዡን።
picture-unreadable = ይህ ፋይል ሊነበብ የሚችል ምስል አይደለም፦ { $why }
decide-first = መጀመሪያ ከፊትዎ ስላለው ተጓዥ ይወስኑ።

# --- referral and notice
referral-hint = ለተጓዡ ማጣቀሻውን ይስጡ።
referral-show = የተጓዡ ማጣቀሻ
referral-title = የተጓዡ ማጣቀሻ
referral-reference = ማጣቀሻ
referral-code-alt = ለስልክ ካሜራ ማጣቀሻው እንደ ኮድ
referral-help = በዚህ ማጣቀሻ ተጓዡ ምክንያቱን መጠየቅና ቅሬታ ማቅረብ ይችላል። ስለ ሰውየው ምንም አይዝም።
referral-language = ማስታወቂያውን በተጓዡ ቋንቋ አሳይ
referral-back = ወደ ማጣቀሻው ተመለስ
notice-title = እባክዎ ለሁለተኛ ምርመራ ይጠብቁ
notice-second-check = መኮንኑ ባልደረባው ሰነዶችዎን እንዲያይ ይፈልጋል። ይህ እምቢታ አይደለም።
notice-people-decide = ኮምፒዩተር በምርመራው ረድቷል፣ ነገር ግን ስለ እርስዎ የሚወስኑት ሰዎች ብቻ ናቸው።
notice-rights = ምክንያቱን መጠየቅ፣ አስተርጓሚ መጠየቅ፣ ስህተቶች እንዲታረሙ ማድረግና ቅሬታ ማቅረብ ይችላሉ። ይህን ማጣቀሻ ያስቀምጡ።
notice-protection = ወደ አንድ አገር መመለስ ከፈሩ ለማንኛውም መኮንን ይንገሩ። ማንም ለዚያ አገር አያሳውቅም።
notice-reference = የእርስዎ ማጣቀሻ

# --- the second line
second-line-title = ሁለተኛው መስመር
second-line-none = የተላከ ሰው የለም።
second-line-back = ወደ ዝርዝሩ ተመለስ
second-line-source = የምዝገባው ምንጭ በዋና መሥሪያ ቤት ይታወቃል።
column-time = ጊዜ
column-decision = ውሳኔ
column-check = ጥያቄ
column-answer = መልስ
column-detail = ዝርዝር መረጃ
column-entry = ምዝገባ
column-likeness = ተመሳሳይነት
column-names = ስሞችና ልደት
column-action = የሚደረገው
column-why = ለምን

# --- the encounter
facts-title = ተጓዡና ምርመራዎቹ
details-link = ሁሉም ዝርዝሮች
details-title = ሁሉም ዝርዝሮች
details-back = ወደ ተጓዡ ተመለስ
lamp-white = ነጭ ብርሃን
lamp-infrared = ታህተ ቀይ
lamp-ultraviolet = አልትራቫዮሌት
lamp-none = አልተነሣም
note-protection = ጥበቃ፦ ይህ መዝገብ ለመጀመሪያው መስመር ተዘግቷል፤ የትውልድ አገር አይጠየቅም አይነገርምም።
note-paper = ከወረቀት፦ ቁጥር { $number }፣ { $time }። በዚያን ጊዜ የተወሰነውን ያረጋግጡ።
note-reopened = መብራት ሲጠፋ በ{ $time } ተቋርጧል። ምስሎቹ ጠፍተዋል፤ ምንም አልተወሰነም።
note-corrected = ዞኑ በእጅ ተጽፏል።
skip-title = ፊቱን በዓይን አወዳድር
skip-veil = መሸፈኛ
skip-injury = ጉዳት
skip-disability = አካል ጉዳት
protection-title = ጥገኝነት ጠያቂ፣ ስደተኛ፣ ብቻውን ያለ ልጅ
protection-take = የጥበቃ መንገድ
working = በማንበብ ላይ …
working-help = ሰነዱን ባለበት ይተዉት።
photo-live = አሁን
photo-chip = ቺፕ
photo-printed = የታተመ
photo-page = የመረጃ ገጽ
photo-none-live = የተጓዡ ምስል የለም
photo-none-chip = አልተነበበም
photo-unproven-chip = እንደተፈረመው አይደለም፤ አይታይም
photo-none-printed = አልተገኘም
photo-alt-live = ተጓዡ አሁን
photo-alt-chip = በሰነዱ ቺፕ ውስጥ ያለው ፎቶ
photo-alt-printed = በሰነዱ ላይ የታተመው ፎቶ
photo-alt-page = የሰነዱ የመረጃ ገጽ
guidance-turn = ሰነዱን ከብርሃኑ ያዙሩ
guidance-hold_still = ሰነዱን ሳያንቀሳቅሱ ይያዙ
guidance-move_closer = ሰነዱን ያቅርቡ
guidance-flatten = ገጹን ያስተካክሉ
guidance-show_whole = ሙሉውን ገጽ ያሳዩ
advice-Clear = ደህና
advice-Look = ተመልከት
advice-Refer = ላክ
headline-clear = ሁለተኛ እይታ የሚፈልግ ነገር የለም
name-unknown = ስም አልተነበበም
sex-F = ሴት
sex-M = ወንድ
sex-X = ጾታ አልተጠቀሰም
age-years = { $count ->
    [one] { $count } ዓመት
   *[other] { $count } ዓመት
}
born-on = የተወለደው { $date }
doc-passport = ፓስፖርት
doc-card = መታወቂያ
doc-visa = ቪዛ
doc-other = ሰነድ
document-line = { $state } · { $kind } { $number }
validity-left = ገና { $left } ያገለግላል
validity-today = እስከ ዛሬ ያገለግላል
validity-over = ጊዜው ያለፈው { $date }
validity-unknown = የማብቂያ ቀን አልተነበበም
duration-years = { $count ->
    [one] { $count } ዓመት
   *[other] { $count } ዓመታት
}
duration-months = { $count ->
    [one] { $count } ወር
   *[other] { $count } ወራት
}
duration-days = { $count ->
    [one] { $count } ቀን
   *[other] { $count } ቀናት
}
duration-two = { $first } ከ{ $second }
date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
date-year = { $year }
date-unknown = አይታወቅም
month-1 = ጃንዩወሪ
month-2 = ፌብሩወሪ
month-3 = ማርች
month-4 = ኤፕሪል
month-5 = ሜይ
month-6 = ጁን
month-7 = ጁላይ
month-8 = ኦገስት
month-9 = ሴፕቴምበር
month-10 = ኦክቶበር
month-11 = ኖቬምበር
month-12 = ዲሴምበር
checks-title = ምርመራዎች
group-zone = ዞን
group-chip = ቺፕ
group-page = ገጽ
group-face = ፊት
group-search = ፍለጋ
outcome-Successful = ደህና
outcome-Failed = ተመልከት
outcome-Undetermined = ክፍት
outcome-NotSupported = የለም
outcome-Aborted = ተቋርጧል
outcome-working = በሥራ ላይ
reasons-title = ለምን
reason-document_listed = ሰነዱ እንደ ጠፋ፣ እንደ ተሰረቀ ወይም እንደ ተሰረዘ ተመዝግቧል
reason-person_resembles = የተመዘገበ ሰው ከዚህ ተጓዥ ጋር በጣም ይመሳሰላል
reason-chip_contradicts = ቺፑ አገሩ እንደ ሠራው አይደለም፣ ወይም ቅጂ ነው
reason-document_expired = የሰነዱ ጊዜ አልፏል
reason-check_digit_wrong = የማረጋገጫ አሃዝ አይገጥምም፦ ዞኑን ከገጹ ጋር ያወዳድሩ
reason-face_differs = ፊቱና ፎቶው ይለያያሉ፦ ያወዳድሩ
reason-person_may_resemble = የተመዘገበ ሰው ከዚህ ተጓዥ ጋር ይመሳሰላል፦ ያወዳድሩ
reason-page_contradicts = ገጹ እንደ የጉዞ ሰነድ አልተሠራም፦ በመብራቶቹ ስር ይመልከቱት
reason-chip_unproven = የቺፑ እውነተኛነት አልተረጋገጠም፦ የተጠቀሱትን ነጥቦች ይመልከቱ
reason-chip_silent = ቺፑ ሊነበብ አልቻለም፦ ሰነዱን እንደገና ያስቀምጡ
reason-visa_alone = ያለ ፓስፖርት ቪዛ ብቻ፤ ፓስፖርቱን ያንብቡ
reason-visual_zone_differs = ገጹ ከዞኑ የተለየ ይላል፦ ያወዳድሩ
reason-zone_irregular = በዞኑ ያልተለመደ ነገር አለ፦ ከገጹ ጋር ያወዳድሩ
reason-zone_unreadable = ዞኑ ሊነበብ አልቻለም፦ ሰነዱን እንደገና ያድርጉ
reason-face_uncertain = ፊቶቹ በበቂ ሁኔታ አይመሳሰሉም አይለያዩምም፦ ያወዳድሩ
reason-compare_child_by_eye = ልጅ፦ ፊቶቹን በዓይን ያወዳድሩ
reason-face_skipped = ፊቱን በዓይን ያወዳድሩ፦ ማሽኑ አልተጠየቀም
reason-second_line = ሁለተኛው መስመር ይህን ተጓዥ ማየት አለበት
reason-face_not_compared = ፊቶቹ አልተወዳደሩም፦ በዓይን ያወዳድሩ
reason-not_searched = ዝርዝሮቹ ሊፈለጉ አልቻሉም
reason-list_lapsed = ዋና መሥሪያ ቤት ዝርዝሩን ለረጅም ጊዜ አላረጋገጠም፦ ምንም አለመገኘቱ ማረጋገጫ አይደለም
reason-trust_lapsed = ዋና መሥሪያ ቤት ቺፖች የሚመዘኑባቸውን ለረጅም ጊዜ አላረጋገጠም፦ ሰነዱን ይመልከቱ
reason-list_stale = በዚህ ሣጥን ላይ ያለው ዝርዝር አሮጌ ነው
reason-faces_not_searched = የዝርዝሩ ፊቶች ሊፈለጉ አልቻሉም
reason-page_unclear = የገጹ ምስል የተሻለ ሊሆን ይችል ነበር
zone-title = ዞኑ እንደ ተነበበ
zone-none = ዞን አልተነበበም
zone-correct = ዞኑን አርም
zone-correct-help = የታተመውን ይጻፉ፤ የማረጋገጫ አሃዞች ይከተላሉ።
zone-label = ዞን፣ መስመር በመስመር
zone-take = ይህን ዞን ውሰድ
zone-look = የማረጋገጫ አሃዞች
zone-before = ማሽኑ እንዳነበበው
chip-opening = ቺፑ እየተከፈተ ነው …
chip-reading = ቺፑ እየተነበበ ነው …
chip-reading-face = ቺፑ እየተነበበ ነው፦ ፊት፣ { $percent } %
chip-stop = ያለ ቺፑ ቀጥል
chip-number-link = ቺፑን በቁጥሩ አንብብ
chip-number-help = በሰነዱ ላይ የታተሙትን ስድስት አሃዞች ይጻፉ (CAN)።
chip-number-label = የካርዱ መክፈቻ ቁጥር
chip-number-six = ቁጥሩ ስድስት አሃዞች አሉት።
chip-number-read = ቺፑን አንብብ
chip-number-failed = ቺፑ አልተከፈተም፦ { $why }
fields-title = ገጽ እና ቺፕ
column-field = መስክ
field-same = ተመሳሳይ
field-differs = ይለያያል
field-document_code = የሰነድ ኮድ
field-document_number = የሰነድ ቁጥር
field-surname = የአባት ስም
field-given_names = ስሞች
field-optional = አማራጭ መረጃ
digits-title = የማረጋገጫ አሃዞች
zone-text-empty = የዞኑን 2 ወይም 3 መስመሮች ይጻፉ።
zone-text-lines = ዞን 2 ወይም 3 መስመሮች አሉት፤ ይህ { $found } አለው።
zone-text-length = መስመር { $line } ከ{ $expected } ፊደላት { $found } አለው።
zone-text-character = መስመር { $line }፣ ፊደል { $column }፦ በዞን A-Z፣ 0-9 እና < ብቻ ይቆማሉ።
candidates-title = { $count ->
    [one] አንድ የዝርዝር ምዝገባ ከዚህ ተጓዥ ጋር ይመሳሰላል
   *[other] { $count } የዝርዝር ምዝገባዎች ከዚህ ተጓዥ ጋር ይመሳሰላሉ
}
candidate-document = የተመዘገበ ሰነድ
candidate-person = የተመዘገበ ሰው
candidate-face = የተመዘገበ ፊት
candidate-same = ተመሳሳይ
candidate-close = በጣም ይመሳሰላል
candidate-somewhat = በመጠኑ ይመሳሰላል
candidate-reference = ማጣቀሻ { $entry }
candidate-second-line = ምዝገባው የሚለውን ሁለተኛው መስመር ያያል።
candidate-cleared-first_line = ቀደም ሲል ተጣርቷል፦ { $day }፣ በመስመሩ
candidate-cleared-second_line = ቀደም ሲል ተጣርቷል፦ { $day }፣ በሁለተኛው መስመር
candidate-another-person = ተጓዡ ሌላ ሰው ነው፦ ከመፍቀዱ ጋር ይታወስ
candidates-cleared = { $count ->
    [one] አንድ መመሳሰል፣ ቀደም ሲል የተጣራ
   *[other] { $count } መመሳሰሎች፣ ቀደም ሲል የተጣሩ
}
evidence-name = ስም
evidence-birth = የልደት ቀን
evidence-sex = ጾታ
evidence-state = አገር
evidence-document = የሰነድ ቁጥር
evidence-face = ፊት
decision-title = ውሳኔዎ
decide-Admit = ፍቀድ
decide-Refer = ወደ ሁለተኛው መስመር ላክ
decide-Hold = አቆይ
decide-face-again = ፊቱን እንደገና
place-again = እንደገና አስቀምጥ
advice-is = ምክሩ፦ { $advice }።
why-otherwise = በሌላ መንገድ ወስነዋል። ለምን?
override-not_this_person = የተመዘገበው ሰው አይደለም
override-compared_by_eye = በዓይን ተወዳድሯል
override-document_examined = ሰነዱ በእጅ ተመርምሯል
override-instructed = በአለቃ ታዟል
override-interview = ቃለ መጠይቅ
override-misread_by_machine = ማሽኑ ተሳስቶ አንብቧል
override-decided_on_paper = በወረቀት ተወስኗል
cancel = ተመለስ፣ እንደገና ወስን
record-failed = ውሳኔው ሊመዘገብ አልቻለም፦ { $why }። ምንም አልተላከም። ቴክኒሻኑን ይጥሩ፤ የወረቀት ቁጥር ይጠቀሙ።
why-reader-silent = አይመልስም፤ ገመዱን ይፈትሹ
why-picture-large = በጣም ትልቅ ነው
why-picture-damaged = ተበላሽቷል
why-picture-unknown = ዓይነቱ አይታወቅም
why-page-of-before = ገጹ አሁንም የቀደመው ተጓዥ ነው፤ የዚህኛውን ሰነድ ያስቀምጡ
why-face-of-before = ፊቱ አሁንም የቀደመው ተጓዥ ነው፤ የዚህኛውን ምስል ያንሱ
why-disk-full = ዲስኩ ሞልቷል
why-store = ሣጥኑ ሊጽፈው አልቻለም

# --- details of checks
detail-code = { $code }
detail-document-code = የሰነዱ ኮድ በ{ $first } ይጀምራል።
detail-character = መስመር { $line }፣ ፊደል { $column }፦ { $read } እዚያ ሊቆም አይችልም
detail-digit = የሚጠበቀው { $expected }፣ የተነበበው { $read }
detail-no-date = { $read } ቀን አይደለም
detail-sex = የተነበበው { $read }
detail-expired = ጊዜው ያለፈው { $day }
detail-valid-until = እስከ { $day } ያገለግላል
detail-expiry-doubtful = { $day } ተነብቧል፣ የማረጋገጫ አሃዙ አይገጥምም
detail-faces-other-model = የዝርዝሩ ፊቶች በሌላ ሞዴል የተሠሩ ናቸው
detail-edition-old = ዝርዝር { $edition }፣ { $days ->
    [one] { $days } ቀን
   *[other] { $days } ቀናት
}
detail-lease-over = ለ{ $days ->
    [one] { $days } ቀን
   *[other] { $days } ቀናት
} በዋና መሥሪያ ቤት አልተረጋገጠም
detail-no-number = በዞኑ የሰነድ ቁጥር የለም
detail-child = { $age ->
    [one] { $age } ዓመት
   *[other] { $age } ዓመት
}፦ ከ{ $minimum } በታች ነጥብ አይሰጥም
detail-no-portrait = በሰነዱ ፎቶ አልተገኘም
detail-no-face = ፊት አልተገኘም
detail-several-faces = { $count } ፊቶች ተገኝተዋል፦ በአንድ ጊዜ አንድ ሰው
detail-portrait-of-child = ፎቶው ከ{ $minimum } ዓመት ዕድሜ በፊት የተነሳ ሊሆን ይችላል፦ ነጥብ አይሰጥም
detail-face-turned = ፊቱ ቀጥ ብሎ አይታይም
detail-face-small = ፊቱ በጣም ትንሽ ነው፦ ይቅረቡ
detail-face-compared = በማሽን ተወዳድሯል
detail-no-format = መስመሮቹ የታወቀ ዞን አይደሉም
detail-visual = ገጹ { $printed } ይላል፣ ዞኑ { $zone }
detail-corrected = ዞኑ ከዚያ በኋላ በእጅ ታርሟል
detail-typed = በመኮንኑ ተጽፏል
detail-chip-silent = ቺፕ ይጠበቃል፣ ምንም አልመለሰም፤ ቺፖች ይበላሻሉ፣ ያ ብቻውን ምንም አያረጋግጥም
detail-chip-altered = እንደተፈረመው አይደለም፦ { $files }
detail-chip-signer-unknown = የአገሩን ፈራሚ { $signer } ይህ ሣጥን አያውቀውም
detail-visa = በቪዛ ብቻ ማንም አይጓዝም
detail-no-such-digit = ይህ ቅርጸት እንዲህ ያለ ማረጋገጫ አኃዝ የለውም
detail-known-in-part = በከፊል ይታወቃል
detail-marked-unknown = እንደማይታወቅ ተመልክቷል
detail-none-stated = አልተገለጸም
detail-cannot-be-read = ሊነበብ አይችልም
detail-no-zone = ምንም ዞን አልተነበበም
detail-broke-off = ተቋርጧል፤ እንደገና ይሞክሩ
detail-locked = ሣጥኑ ተቆልፏል፤ ምንም አልተፈለገም
detail-edition = ዝርዝር { $edition }
detail-list-unreadable = ዝርዝሩ ሊነበብ አይችልም፤ ቴክኒሻኑን ይጥሩ
detail-no-faces-sought = የፊት ምስል አልተፈለገም፤ ቴክኒሻኑን ይጥሩ
detail-doubtful = { $count ->
    [one] { $count } ቁምፊ ያጠራጥራል
   *[other] { $count } ቁምፊዎች ያጠራጥራሉ
}
detail-blurred = በ{ $measured } ሚሜ ደብዝዟል
detail-glare = ነጸብራቅ ከዞኑ { $measured } % ላይ አለ
detail-resolution = በኢንች { $measured } ፒክስል
detail-not-stated = ዞኑ አይገልጸውም
detail-not-repeated = ይህ የካርድ ገጽ መድገም አይጠበቅበትም
detail-not-found-printed = በኅትመቱ ውስጥ አልተገኘም
detail-visual-doubtful = ገጹ { $printed } የሚል ይመስላል፣ ዞኑ { $zone }፤ የቀረው በደንብ አልተነበበም
detail-visual-unread = ኅትመቱ ሊነበብ አልቻለም
detail-distrusted = የአንባቢው ልኬት ሊታመን አይችልም፤ ቴክኒሻኑን ይጥሩ
detail-reader-absent = የቺፕ አንባቢው አይሠራም፤ ቴክኒሻኑን ይጥሩ
detail-reader-hung = የቺፕ አንባቢው አይመልስም። ሰነዱን እንደገና ያስቀምጡ፤ ካልተስተካከለ መሰኪያውን ነቅለው መልሰው ይሰኩ
detail-chip-none = ምንም ቺፕ አልመለሰም
detail-chip-no-key = ለመክፈት ዞኑ በበቂ አልተነበበም
detail-chip-wrong-key = በተነበበው ወይም በተጻፈው አይከፈትም
detail-chip-needs-zone = በዞኑ ብቻ ይከፈታል
detail-chip-called-off = እስከ መጨረሻው አልተነበበም
detail-chip-lost = ግንኙነቱ ጠፋ፤ ሰነዱን ባለበት ይተዉት
detail-chip-broke-off = ተቋርጧል፤ ሰነዱን እንደገና ያስቀምጡ
detail-chip-by-number = ቺፑ በቁጥሩ ተከፍቷል
detail-chip-differs = የሚለያየው በሠንጠረዡ ላይ ተመልክቷል
detail-chip-differs-optional = የሚለያየው አማራጭ መረጃው ብቻ ነው
detail-chip-offers-none = ቺፑ የለውም
detail-chip-proven = አረጋግጧል
detail-chip-copy = ቺፑ የሰነዱን ቁልፍ አልያዘም
detail-chip-refuses = ቺፑ ሊያረጋግጥ አልፈለገም
detail-chip-ways = ቺፑ ሀገሩ ከፈረመችው የተለየ መግቢያ ያቀርባል
detail-chip-downgraded = አዲስ መንገድ እያለ በአሮጌው ተከፍቷል
detail-chip-clear = ያለ ጥበቃ ተነብቧል

# --- the questions
check-zone-present = ዞን ተገኝቷል
check-zone-format = የዞኑ ቅርጽ
check-zone-characters = የዞኑ ፊደላት
check-zone-evidence = ምስሉና ንባቡ ይስማማሉ
check-zone-check_digit-document_number = የሰነድ ቁጥር ማረጋገጫ አሃዝ
check-zone-check_digit-date_of_birth = የልደት ቀን ማረጋገጫ አሃዝ
check-zone-check_digit-date_of_expiry = የማብቂያ ቀን ማረጋገጫ አሃዝ
check-zone-check_digit-optional = የግል ቁጥር ማረጋገጫ አሃዝ
check-zone-check_digit-composite = የጠቅላላው ማረጋገጫ አሃዝ
check-zone-date_of_birth = የልደት ቀን
check-zone-date_of_expiry = የማብቂያ ቀን
check-zone-issuing_state = ሰጪው አገር
check-zone-nationality = ዜግነት
check-zone-sex = ጾታ
check-zone-document_validity = አገልግሎት
check-zone-travel_document = የጉዞ ሰነድ
check-chip-access = ቺፑ ይመልሳል
check-chip-access-pace = ቺፑን በPACE መድረስ
check-chip-access-bac = ቺፑን በBAC መድረስ
check-chip-common_data = ቺፕ፦ የፋይሎቹ ዝርዝር
check-chip-authenticity = ቺፕ፦ እውነተኛ
check-chip-conformance = ቺፕ፦ ደረጃው እንደሚለው
check-chip-security_object = ቺፕ፦ የደህንነት ፋይል
check-chip-passive_authentication-signature = ቺፕ፦ ፊርማ
check-chip-passive_authentication-chain = ቺፕ፦ በአገሩ የተፈረመ
check-chip-passive_authentication-validity = ቺፕ፦ የምስክር ወረቀቶች ያገለግላሉ
check-chip-passive_authentication-revocation = ቺፕ፦ ፈራሚው አልተሰረዘም
check-chip-passive_authentication-algorithms = ቺፕ፦ ስልተ ቀመሮች
check-chip-data_group_hashes = ቺፕ፦ ፋይሎች አልተለወጡም
check-chip-issuing_state = ቺፕ፦ ሰጪው አገር
check-chip-zone_agrees = ቺፑና ገጹ ይስማማሉ
check-chip-active_authentication = ቺፑ ቅጂ አይደለም (ንቁ)
check-chip-chip_authentication = ቺፑ ቅጂ አይደለም
check-page-present = ገጽ ተገኝቷል
check-page-portrait = በገጹ ላይ ያለው ፎቶ
check-page-focus = ገጹ ግልጽ ነው
check-page-glare = በገጹ ላይ ነጸብራቅ የለም
check-page-resolution = ገጹ በደንብ ይታያል
check-page-infrared_zone = ዞኑ በታህተ ቀይ ጥቁር ነው
check-page-ultraviolet_dullness = ወረቀቱ በአልትራቫዮሌት አያበራም
check-page-visual_zone-document_number = የታተመ የሰነድ ቁጥር
check-page-visual_zone-date_of_birth = የታተመ የልደት ቀን
check-page-visual_zone-date_of_expiry = የታተመ የማብቂያ ቀን
check-page-visual_zone-name = የታተመ ስም
check-page-visual_zone-nationality = የታተመ ዜግነት
check-page-visual_zone-sex = የታተመ ጾታ
check-face-live = በካሜራው ፊት ያለው ፊት
check-face-reference = በሰነዱ ያለው ፊት
check-face-printed = የታተመው ፎቶ ከቺፑ ፎቶ ጋር
check-face-match = የፊቶች ንጽጽር
check-face-skipped = ፊቱ በዓይን ተወዳድሯል
check-search-documents = የተመዘገቡ ሰነዶች
check-search-persons = የተመዘገቡ ሰዎች
check-search-faces = የተመዘገቡ ፊቶች
check-search-edition = የዝርዝሩ ዕድሜ

# --- the technician's pages
technician-title = ቴክኒሻን
standing-no-key = ይህ መሣሪያ ገና ቁልፍ የለውም፤ መጀመሪያ ይመዝግቡት።
standing-never = በፍጹም አልተስተካከለም፤ ምስሎች እንዳሉ ይነበባሉ።
standing-calibrated = የተስተካከለው { $made }፣ እንደገና የሚደረገው { $due }።
standing-distrusted = ማስተካከያው አይታመንም፤ የገጹ ምርመራዎች ክፍት ይቆያሉ።
verdict-green = በሚፈቀደው ውስጥ
verdict-amber = እየተለወጠ ነው፤ ይከታተሉት
verdict-red = ከሚፈቀደው ውጭ
step-focus = ጥራት
step-geometry = ጂኦሜትሪ
step-lamps = መብራቶች
step-colour = ቀለም
step-inks = ኢንፍራሬድና አልትራቫዮሌት
step-zone = የዞን ንባብ
step-faces = የፊት ካሜራ
step-golden = የማጣቀሻ ቅኝት
step-optional = (መሣሪያው ያለ ይህ መሥራት ይችላል)
place-focus-sheet = የጥራት ወረቀቱን ህትመቱ ወደ ታች ሆኖ በመስታወቱ ላይ ያስቀምጡ፤ ክዳኑን ይዝጉ።
place-board-held = የቼዝ ሰሌዳውን ከመስታወቱ አንድ መዳፍ ያህል ከፍ አድርገው፣ አዘንብለው፣ በየጊዜው በሌላ አቅጣጫ ይያዙ፤ ሙሉው መታየት አለበት።
place-board-flat = የቼዝ ሰሌዳውን በመስታወቱ ላይ ዘርግተው ያስቀምጡ፤ ክዳኑን ይዝጉ።
place-white-sheet = መስታወቱን ሙሉ በንጹህ ነጭ ወረቀት ይሸፍኑ፤ ክዳኑን ይዝጉ።
place-patches = የ24 ቀለማት ሰንጠረዡን በመስታወቱ ላይ ያስቀምጡ፤ ክዳኑን ይዝጉ።
place-infrared-card = የኢንፍራሬድ ካርዱን በመስታወቱ ላይ ያስቀምጡ፤ ክዳኑን ይዝጉ።
place-ultraviolet-card = የአልትራቫዮሌት ካርዱን በመስታወቱ ላይ ያስቀምጡ፤ ክዳኑን ዘግተው ይተዉት።
place-specimen = የናሙና ሰነድ በመስታወቱ ላይ ያስቀምጡ፤ ክዳኑን ይዝጉ።
place-face-near = የፊት ሰንጠረዡን ከፊት ካሜራው 40 ሴ.ሜ ቀጥ አድርገው ይያዙ።
place-face-middle = የፊት ሰንጠረዡን ከፊት ካሜራው 60 ሴ.ሜ ቀጥ አድርገው ይያዙ።
place-face-far = የፊት ሰንጠረዡን ከፊት ካሜራው 100 ሴ.ሜ ቀጥ አድርገው ይያዙ።
place-sheet-in-lid = ከመስታወቱ ላይ ሁሉንም ያንሱ፤ ክዳኑን ይዝጉ።
shot-white = በነጭ ብርሃን
shot-dark = መብራቶች ሁሉ ጠፍተው
shot-infrared = በኢንፍራሬድ
shot-ultraviolet = በአልትራቫዮሌት
shot-view = አዘንብለው (ስድስት ወይም ከዚያ በላይ)
shot-flat = በመስታወቱ ላይ ተኝቶ
shot-40 = በ40 ሴ.ሜ
shot-60 = በ60 ሴ.ሜ
shot-100 = በ100 ሴ.ሜ
burning-white = ነጭ መብራት
burning-infrared = ኢንፍራሬድ መብራት
burning-ultraviolet = አልትራቫዮሌት መብራት
taking-warming = እየሞቀ ነው፦ { $lamp }
taking-resting = አልትራቫዮሌት መብራቱ ለጥቂት ሰከንዶች ያርፋል
taking-lamp = ምስል እየተነሳ ነው፦ { $lamp }
taking-dark = መብራቶች ሁሉ ጠፍተው ምስል እየተነሳ ነው
taking-pictures = ምስሎች እየተነሱ ነው፤ ሁሉንም እንዳለ ይተዉት
took-step = { $step }፦ { $verdict }
took-more = { $step }፦ ተነስቷል፤ ቀጣዩ ምስል ከታች ይጠየቃል።
took-drift = የለውጥ ቅኝት፦ { $verdict }
took-failed = ሊለካ አልቻለም፦ { $why }
pictures-take = ምስሎቹን አንሳ
pictures-send = በምትኩ ምስሎችን ላክ
pictures-undecoded = ምስሎቹ ሊነበቡ አልቻሉም።
measure = ለካ
views-of = { $taken } ከ{ $wanted }
specimen-lines = የዞኑ መስመሮች፣ እንደታተሙት
specimen-lines-missing = መጀመሪያ የናሙናውን የዞን መስመሮች ይጻፉ።
glass-taken = ምስሎች እየተነሱ ናቸው፣ ወይም ይህ መሣሪያ ካሜራ የለውም።
drift-title = የዕለት የለውጥ ቅኝት
drift-take = አሁን ቃኝ
drift-history = የመጨረሻዎቹ { $count } ቅኝቶች፦ ከሁሉ የከፋው ቁጥር ከቀዩ ወሰን ምን ያህል እንደደረሰ፤ መስመሩ ወሰኑ ነው።
calibration-title = ማስተካከያ
report-save = ሪፖርት (HTML፣ ለማተም)
figure-name = ልኬት
figure-measured = የተለካ
figure-tolerance = የሚፈቀድ
sign-profile = መገለጫውን ፈርም
signed-until = ✓ እስከ { $day } ተፈርሟል
