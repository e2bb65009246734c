# The officer's desk in English. Every key stands in every locale file; a test compares them.
# Reviewed by a native speaker: yes.

language-name = English
language-note = { "" }

# --- frame
desk-title = Officer's desk
lane-label = Lane { $lane }
post-label = Post { $post }
sign-out = Sign out
theme-label = Screen
theme-sun = Sun
theme-normal = Normal
theme-night = Night
language-label = Language
skip-to-content = To the content
menu-label = Menu
menu-home = Start
more = More
print = Print
named-detail = { $name }: { $detail }
date-time = { $date }, { $time }
edition-none = No list on this box
edition-age = List { $number } · { $age }
edition-stale = List { $number } is { $age } old
edition-lapsed = List { $number } not confirmed by headquarters for { $age }
role-trust = Country signers
role-crl = Revocation lists
role-defects = Defect lists
role-model = Models
role-policy = Policy
role-locale = Languages
role-software = Programs
role-silent = not confirmed by headquarters for { $age }
outbox-empty = Everything sent
outbox-waiting = { $count ->
    [one] { $count } record waits to be sent
   *[other] { $count } records wait to be sent
}
age-under-hour = under 1 h
age-hours = { $count } h
age-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}

# --- signing in
sign-in = Sign in
officer-id = Officer
pin = PIN
sign-in-wrong = Officer or PIN is wrong. Try again.
sign-in-locked = This officer is locked after five wrong PINs. The technician can unlock.
sign-in-failed = Signing in failed on this box: call the technician.
sign-in-no-officers = No officer is known to this box yet. The technician adds one: mpaka officer add --id NAME --pin-stdin
box-locked = This box has not heard from headquarters for too long and is locked. Connect it to the network, or call headquarters. Until then work by paper; nothing is lost.
box-locked-allows = While it is locked you can enter travellers from paper, decide on one who already stands here, and hand the lane over. No list is searched.
case-locked = This box is locked: the case was opened. Work by paper and call the technician; nothing is lost.
box-updating = This box is taking a new version of its program. Wait a minute, then place the document again; nothing is lost.
lease-none = no time limit without it
lease-left = { $left } left without headquarters
lease-locked = Locked until headquarters is heard
session-over = Your session has ended. Sign in again.
form-refused = This form was not made by this desk, or it is too old. Nothing was changed. Go back and try again.
page-absent = There is no such page here.
back-to-lane = Back to the lane

# --- opening the lane, the shift
self-test-title = Self-test
self-test-help = What is marked leaves questions open; it stops nobody. Open the lane when you have read it.
lane-open-now = Open the lane
lane-open-locked = Go on to paper
part-list = List
part-headquarters = Headquarters
part-zone-reader = Zone reading
part-face-matcher = Face comparison
part-reader = Document reader
part-chip-reader = Chip reader
part-board = Lights and switches
part-store = Records
part-works = works
part-technician = does not work: call the technician
part-no-chip-reader = none connected: chips are not read
part-trust = Country signers
part-trust-none = none: no chip can be proven genuine
part-trust-age = newest list { $count } d old
shift-title = Shift
shift-since = since { $time }
shift-travellers = Travellers
shift-undecided = Left undecided
shift-left = Left for the next officer
shift-interrupted = Interrupted encounters
shift-in-front = Travellers waiting at the desk
shift-outbox = Records waiting to be sent
shift-hand-over = Hand the lane over

# --- the lane
lane-ready = Ready for the next traveller
lane-place = Place the document on the reader, with the photograph facing down.
lane-read = Read the document
lane-scenes = Travellers of the demonstration
lane-upload = From picture files
lane-upload-page = Picture of the data page
lane-upload-live = Picture of the traveller
lane-upload-start = Inspect these pictures
lane-open = A traveller is waiting for your decision
lane-open-go = Go to the traveller
lane-no-camera = No reader is connected. Use picture files.
lane-camera-failed = The reader gave no picture: { $why }
lane-broke-off = The inspection broke off. Place the document again.
lane-done-Admit = Admitted
lane-done-Refer = Referred to the second line
lane-done-Hold = Held
lane-done-record = Recorded as { $encounter }
lane-done-protection = On the path of protection.
preview-nothing = No document on the reader
preview-ready = The document lies well: read it
preview-no-zone = No zone is seen: turn the document over, or put the page with the photograph on the glass
preview-alt = What lies on the reader
interrupted-title = Interrupted when the power went
interrupted-at = A traveller of { $time }
interrupted-take-up = Take up and decide
interrupted-read-again = Nothing was read: put away
paper-title = Enter from paper
paper-help = For travellers who passed with a number on paper while the box was down. What you type is searched now; then confirm what was decided.
paper-help-locked = The box is locked: what you type is recorded and sent later. No list is searched. Then confirm what was decided.
paper-number = Number on the paper
paper-day = Day
paper-time = Time
paper-enter = Search and go on
paper-enter-locked = Go on
paper-number-missing = Type the number that stands on the paper.
paper-time-wrong = This is no day and time that has passed.
picture-missing = Choose both pictures: the data page and the traveller.
picture-unreadable = This file is not a picture that can be read: { $why }
decide-first = Decide about the traveller in front of you first.

# --- referral and notice
referral-hint = Give the traveller the reference.
referral-show = Reference for the traveller
referral-title = Reference for the traveller
referral-reference = Reference
referral-code-alt = The reference as a code for a telephone's camera
referral-help = With this reference the traveller can ask why and can complain. It holds nothing about the person.
referral-language = Show the notice in the traveller's language
referral-back = Back to the reference
notice-title = Please wait for a second check
notice-second-check = An officer wants a colleague to look at your documents. This is not a refusal.
notice-people-decide = A computer helped to check, but only people decide about you.
notice-rights = You may ask for the reason, ask for an interpreter, have mistakes corrected, and complain. Keep this reference.
notice-protection = If you fear to go back to a country, tell any officer. Nobody will inform that country.
notice-reference = Your reference

# --- the second line
second-line-title = Second line
second-line-none = Nobody has been referred.
second-line-back = Back to the list
second-line-source = Where an entry comes from is known to headquarters.
column-time = Time
column-decision = Decision
column-check = Question
column-answer = Answer
column-detail = Detail
column-entry = Entry
column-likeness = Likeness
column-names = Names and births
column-action = What to do
column-why = Why

# --- the encounter
facts-title = The traveller and the checks
details-link = All details
details-title = All details
details-back = Back to the traveller
lamp-white = White light
lamp-infrared = Infrared
lamp-ultraviolet = Ultraviolet
lamp-none = not taken
note-protection = Protection: this record is sealed from first-line view, and no country of origin is asked or told.
note-paper = From paper: number { $number }, { $time }. Confirm what was decided then.
note-reopened = Interrupted on { $time } when the power went. The pictures are gone; nothing was decided.
note-corrected = The zone was typed by hand.
skip-title = Compare the face by eye instead
skip-veil = Veil
skip-injury = Injury
skip-disability = Disability
protection-title = Asylum seeker, refugee, child alone
protection-take = Path of protection
working = Reading …
working-help = Leave the document where it is.
photo-live = Live
photo-chip = Chip
photo-printed = Printed
photo-page = Data page
photo-none-live = No live picture
photo-none-chip = Not read
photo-unproven-chip = Not as signed: not shown
photo-none-printed = Not found
photo-alt-live = The traveller now
photo-alt-chip = The portrait in the document's chip
photo-alt-printed = The portrait printed in the document
photo-alt-page = The document's data page
guidance-turn = Turn the document away from the light
guidance-hold_still = Hold the document still
guidance-move_closer = Bring the document closer
guidance-flatten = Flatten the page
guidance-show_whole = Show the whole page
advice-Clear = Clear
advice-Look = Look
advice-Refer = Refer
headline-clear = Nothing needs a second look
name-unknown = Name not read
sex-F = Female
sex-M = Male
sex-X = Sex not stated
age-years = { $count ->
    [one] { $count } year old
   *[other] { $count } years old
}
born-on = Born { $date }
doc-passport = passport
doc-card = card
doc-visa = visa
doc-other = document
document-line = { $state } · { $kind } { $number }
validity-left = valid { $left } more
validity-today = valid until today
validity-over = expired on { $date }
validity-unknown = no expiry date read
duration-years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}
duration-months = { $count ->
    [one] { $count } month
   *[other] { $count } months
}
duration-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
duration-two = { $first } { $second }
date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
date-year = { $year }
date-unknown = unknown
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
checks-title = Checks
group-zone = Zone
group-chip = Chip
group-page = Page
group-face = Face
group-search = Search
outcome-Successful = fine
outcome-Failed = look
outcome-Undetermined = open
outcome-NotSupported = none
outcome-Aborted = broken off
outcome-working = working
reasons-title = Why
reason-document_listed = The document is listed as lost, stolen or revoked
reason-person_resembles = A listed person strongly resembles this traveller
reason-chip_contradicts = The chip is not as its state made it, or is a copy
reason-document_expired = The document has expired
reason-check_digit_wrong = A check digit does not fit: compare the zone with the page
reason-face_differs = Face and portrait differ: compare them
reason-person_may_resemble = A listed person resembles this traveller: compare
reason-page_contradicts = The page is not made as travel documents are: look at it under the lamps
reason-chip_unproven = The chip could not be proven genuine: look at the points named
reason-chip_silent = The chip could not be read: place the document again
reason-visa_alone = A visa, and no passport with it: read the passport
reason-visual_zone_differs = The page states something else than its zone: compare them
reason-zone_irregular = The zone holds something unusual: compare it with the page
reason-zone_unreadable = The zone could not be read: place the document again
reason-face_uncertain = The faces are neither alike nor different enough: compare them
reason-compare_child_by_eye = A child: compare the faces by eye
reason-face_skipped = Compare the face by eye: the machine was not asked
reason-second_line = The second line should see this traveller
reason-face_not_compared = The faces were not compared: compare them by eye
reason-not_searched = The lists could not be searched
reason-list_lapsed = Headquarters has not confirmed the list for too long: nothing found is no clear
reason-trust_lapsed = Headquarters has not confirmed for too long what chips are judged by: look at the document
reason-list_stale = The list on this box is old
reason-faces_not_searched = The list's faces could not be searched
reason-page_unclear = The picture of the page could be better
zone-title = Zone as read
zone-none = No zone was read
zone-correct = Correct the zone
zone-correct-help = Type what is printed; the check digits follow.
zone-label = Zone, line by line
zone-take = Take this zone
zone-look = Check digits
zone-before = As the machine read it
chip-opening = Opening the chip …
chip-reading = Reading the chip …
chip-reading-face = Reading the chip: face, { $percent } %
chip-stop = Go on without the chip
chip-number-link = Read the chip by its number
chip-number-help = Type the six digits printed on the document (CAN).
chip-number-label = Card access number
chip-number-six = The number has six digits.
chip-number-read = Read the chip
chip-number-failed = The chip did not open: { $why }
fields-title = Page and chip
column-field = Field
field-same = The same
field-differs = Differs
field-document_code = Document code
field-document_number = Document number
field-surname = Surname
field-given_names = Given names
field-optional = Optional data
digits-title = Check digits
zone-text-empty = Type the 2 or 3 lines of the zone.
zone-text-lines = A zone has 2 or 3 lines; this has { $found }.
zone-text-length = Line { $line } has { $found } of { $expected } characters.
zone-text-character = Line { $line }, character { $column }: only A-Z, 0-9 and < stand in a zone.
candidates-title = { $count ->
    [one] One list entry resembles this traveller
   *[other] { $count } list entries resemble this traveller
}
candidate-document = Listed document
candidate-person = Listed person
candidate-face = Listed face
candidate-same = the same
candidate-close = very alike
candidate-somewhat = somewhat alike
candidate-reference = reference { $entry }
candidate-second-line = The second line sees what the entry says.
candidate-cleared-first_line = Cleared earlier: { $day }, at the lane
candidate-cleared-second_line = Cleared earlier: { $day }, by the second line
candidate-another-person = The traveller is another person: remember it with the admission
candidates-cleared = { $count ->
    [one] One resemblance, cleared earlier
   *[other] { $count } resemblances, cleared earlier
}
evidence-name = name
evidence-birth = birth date
evidence-sex = sex
evidence-state = state
evidence-document = document number
evidence-face = face
decision-title = Your decision
decide-Admit = Admit
decide-Refer = Refer to second line
decide-Hold = Hold
decide-face-again = Face again
place-again = Place again
advice-is = The advice is { $advice }.
why-otherwise = You decide otherwise. Why?
override-not_this_person = Not the listed person
override-compared_by_eye = Compared by eye
override-document_examined = Document examined by hand
override-instructed = Instructed by a superior
override-interview = Interview
override-misread_by_machine = Misread by the machine
override-decided_on_paper = Decided on paper
cancel = Back, decide again
record-failed = The decision could NOT be recorded: { $why }. Nothing was sent. Call the technician; use a paper number.
why-reader-silent = it does not answer: check its cable
why-picture-large = it is too large
why-picture-damaged = it is damaged
why-picture-unknown = it is of no known kind
why-page-of-before = the page is still that of the traveller before: place this one's document
why-face-of-before = the face is still that of the traveller before: take this one's picture
why-disk-full = the disk is full
why-store = the box could not write it

# --- details of checks
detail-code = { $code }
detail-document-code = The document code begins with { $first }.
detail-character = line { $line }, character { $column }: { $read } cannot stand there
detail-digit = expected { $expected }, read { $read }
detail-no-date = { $read } is no date
detail-sex = { $read } read
detail-expired = expired on { $day }
detail-valid-until = valid until { $day }
detail-expiry-doubtful = { $day } read, and its check digit does not fit
detail-faces-other-model = the list's faces were made by another model
detail-edition-old = list { $edition }, { $days ->
    [one] { $days } day old
   *[other] { $days } days old
}
detail-lease-over = not confirmed by headquarters for { $days ->
    [one] { $days } day
   *[other] { $days } days
}
detail-no-number = no document number in the zone
detail-child = { $age ->
    [one] { $age } year old
   *[other] { $age } years old
}: below { $minimum } no score is formed
detail-no-portrait = no portrait found in the document
detail-no-face = no face found
detail-several-faces = { $count } faces found: one person at a time
detail-portrait-of-child = the portrait may be from before the age of { $minimum }: no score is formed
detail-face-turned = the face does not stand upright
detail-face-small = the face is too small: come closer
detail-face-compared = compared by the machine
detail-no-format = the lines form no zone of a known format
detail-visual = the page says { $printed }, the zone { $zone }
detail-corrected = the zone was corrected by hand afterwards
detail-typed = typed by the officer
detail-chip-silent = one is expected and none did; chips break, that alone proves nothing
detail-chip-altered = not as signed: { $files }
detail-chip-signer-unknown = the country signer { $signer } is not known to this box
detail-visa = nobody travels on a visa alone
detail-no-such-digit = this format has no such check digit
detail-known-in-part = known in part
detail-marked-unknown = marked as unknown
detail-none-stated = none is stated
detail-cannot-be-read = cannot be read
detail-no-zone = no zone was read
detail-broke-off = broke off: try again
detail-locked = the box is locked: nothing was searched
detail-edition = list { $edition }
detail-list-unreadable = the list cannot be read: call the technician
detail-no-faces-sought = no portrait was looked for: call the technician
detail-doubtful = { $count ->
    [one] { $count } character is doubtful
   *[other] { $count } characters are doubtful
}
detail-blurred = blurred by { $measured } mm
detail-glare = a reflection lies on { $measured } % of the zone
detail-resolution = { $measured } pixels per inch
detail-not-stated = the zone does not state it
detail-not-repeated = this side of a card need not repeat it
detail-not-found-printed = not found in the print
detail-visual-doubtful = the page seems to say { $printed }, the zone { $zone }; the rest was hardly legible
detail-visual-unread = the print could not be read
detail-distrusted = the reader's calibration is not to be relied on: call the technician
detail-reader-absent = the chip reader does not work: call the technician
detail-reader-hung = the chip reader does not answer. Place the document again; if it stays so, pull the reader's plug and put it back
detail-chip-none = no chip answered
detail-chip-no-key = the zone was not read well enough to open it
detail-chip-wrong-key = it does not open by what was read or typed
detail-chip-needs-zone = it opens by the zone only
detail-chip-called-off = not read to the end
detail-chip-lost = contact was lost: leave the document where it is
detail-chip-broke-off = broke off: place the document again
detail-chip-by-number = the chip was opened by its access number
detail-chip-differs = what differs is marked in the table
detail-chip-differs-optional = only the optional data differ
detail-chip-offers-none = the chip offers none
detail-chip-proven = it proved so
detail-chip-copy = the chip does not hold the document's key
detail-chip-refuses = the chip would not prove it
detail-chip-ways = the chip offers other ways in than its state signed
detail-chip-downgraded = opened by the older way, though a newer is offered
detail-chip-clear = read without protection

# --- the questions
check-zone-present = Zone found
check-zone-format = Format of the zone
check-zone-characters = Characters of the zone
check-zone-evidence = Picture and reading agree
check-zone-check_digit-document_number = Check digit of the document number
check-zone-check_digit-date_of_birth = Check digit of the birth date
check-zone-check_digit-date_of_expiry = Check digit of the expiry date
check-zone-check_digit-optional = Check digit of the personal number
check-zone-check_digit-composite = Check digit of the whole
check-zone-date_of_birth = Birth date
check-zone-date_of_expiry = Expiry date
check-zone-issuing_state = Issuing state
check-zone-nationality = Nationality
check-zone-sex = Sex
check-zone-document_validity = Validity
check-zone-travel_document = Document to travel on
check-chip-access = Chip answers
check-chip-access-pace = Chip access by PACE
check-chip-access-bac = Chip access by BAC
check-chip-common_data = Chip: list of its files
check-chip-authenticity = Chip: genuine
check-chip-conformance = Chip: as the standard has it
check-chip-security_object = Chip: security object
check-chip-passive_authentication-signature = Chip: signature
check-chip-passive_authentication-chain = Chip: signed by its state
check-chip-passive_authentication-validity = Chip: certificates valid
check-chip-passive_authentication-revocation = Chip: signer not revoked
check-chip-passive_authentication-algorithms = Chip: algorithms
check-chip-data_group_hashes = Chip: files unaltered
check-chip-issuing_state = Chip: issuing state
check-chip-zone_agrees = Chip and page agree
check-chip-active_authentication = Chip is no copy (active)
check-chip-chip_authentication = Chip is no copy
check-page-present = Page found
check-page-portrait = Portrait on the page
check-page-focus = Page sharp
check-page-glare = No glare on the page
check-page-resolution = Page seen finely enough
check-page-infrared_zone = Zone dark under infrared
check-page-ultraviolet_dullness = Paper dull under ultraviolet
check-page-visual_zone-document_number = Printed document number
check-page-visual_zone-date_of_birth = Printed birth date
check-page-visual_zone-date_of_expiry = Printed expiry date
check-page-visual_zone-name = Printed name
check-page-visual_zone-nationality = Printed nationality
check-page-visual_zone-sex = Printed sex
check-face-live = Face before the camera
check-face-reference = Face in the document
check-face-printed = Printed portrait against the chip's
check-face-match = Comparison of the faces
check-face-skipped = Face compared by eye
check-search-documents = Listed documents
check-search-persons = Listed persons
check-search-faces = Listed faces
check-search-edition = Age of the list

# --- the technician's pages
technician-title = Technician
standing-no-key = This box has no key yet: enrol it first.
standing-never = Never calibrated: pictures are read as they are.
standing-calibrated = Calibrated { $made }, due again { $due }.
standing-distrusted = The calibration is not relied on: page checks stay open.
verdict-green = within tolerance
verdict-amber = drifting: look after it
verdict-red = out of tolerance
step-focus = Focus
step-geometry = Geometry
step-lamps = Lamps
step-colour = Colour
step-inks = Infrared and ultraviolet
step-zone = Zone reading
step-faces = Face camera
step-golden = Reference scan
step-optional = (a box may do without)
place-focus-sheet = Lay the focus sheet on the glass, its print down; shut the lid.
place-board-held = Hold the chessboard a hand's breadth over the glass, slanted, each time another way; all of it must be seen.
place-board-flat = Lay the chessboard flat on the glass; shut the lid.
place-white-sheet = Cover the whole glass with a clean white sheet; shut the lid.
place-patches = Lay the chart of 24 patches on the glass; shut the lid.
place-infrared-card = Lay the infrared card on the glass; shut the lid.
place-ultraviolet-card = Lay the ultraviolet card on the glass; shut the lid, and leave it shut.
place-specimen = Lay a specimen document on the glass; shut the lid.
place-face-near = Hold the face chart upright, 40 cm before the face camera.
place-face-middle = Hold the face chart upright, 60 cm before the face camera.
place-face-far = Hold the face chart upright, 100 cm before the face camera.
place-sheet-in-lid = Take everything off the glass; shut the lid.
shot-white = Under white light
shot-dark = With every lamp out
shot-infrared = Under infrared
shot-ultraviolet = Under ultraviolet
shot-view = Held at a slant (six or more)
shot-flat = Lying on the glass
shot-40 = At 40 cm
shot-60 = At 60 cm
shot-100 = At 100 cm
burning-white = white lamp
burning-infrared = infrared lamp
burning-ultraviolet = ultraviolet lamp
taking-warming = Warming up: { $lamp }
taking-resting = The ultraviolet lamp rests for a few seconds
taking-lamp = Taking pictures: { $lamp }
taking-dark = Taking a picture with every lamp out
taking-pictures = Taking pictures; leave everything as it lies
took-step = { $step }: { $verdict }
took-more = { $step }: taken; the next picture is asked for below.
took-drift = Drift scan: { $verdict }
took-failed = It could not be measured: { $why }
pictures-take = Take the pictures
pictures-send = Send pictures instead
pictures-undecoded = The pictures could not be decoded.
measure = Measure
views-of = { $taken } of { $wanted }
specimen-lines = The lines of its zone, as printed
specimen-lines-missing = Type the lines of the specimen's zone first.
glass-taken = Pictures are being taken already, or this box has no camera.
drift-title = Daily drift scan
drift-take = Scan now
drift-history = The last { $count } scans: how much of the red limit the worst figure used; the line is the limit.
calibration-title = Calibration
report-save = Report (HTML, to print)
figure-name = Figure
figure-measured = Measured
figure-tolerance = Tolerance
sign-profile = Sign the profile
signed-until = ✓ Signed until { $day }
