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
edition-none = No list on this box
edition-age = List { $number } · { $age }
edition-stale = List { $number } is { $age } old
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
session-over = Your session has ended. Sign in again.
form-refused = This form was not made by this desk, or it is too old. Nothing was changed. Go back and try again.
page-absent = There is no such page here.
back-to-lane = Back to the lane

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
picture-missing = Choose both pictures: the data page and the traveller.
picture-unreadable = This file is not a picture that can be read: { $why }
decide-first = Decide about the traveller in front of you first.

# --- the encounter
working = Reading …
working-help = Leave the document where it is.
photo-live = Live
photo-chip = Chip
photo-printed = Printed
photo-page = Data page
photo-none-live = No live picture
photo-none-chip = Not read
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
reason-visual_zone_differs = The page states something else than its zone: compare them
reason-zone_irregular = The zone holds something unusual: compare it with the page
reason-zone_unreadable = The zone could not be read: place the document again
reason-face_uncertain = The faces are neither alike nor different enough: compare them
reason-compare_child_by_eye = A child: compare the faces by eye
reason-face_not_compared = The faces were not compared: compare them by eye
reason-not_searched = The lists could not be searched
reason-list_stale = The list on this box is old
reason-page_unclear = The picture of the page could be better
zone-title = Zone as read
zone-none = No zone was read
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
advice-is = The advice is { $advice }.
why-otherwise = You decide otherwise. Why?
override-not_this_person = Not the listed person
override-compared_by_eye = Compared by eye
override-document_examined = Document examined by hand
override-instructed = Instructed by a superior
override-interview = Interview
override-misread_by_machine = Misread by the machine
cancel = Back, decide again
record-failed = The decision could NOT be recorded: { $why }. Nothing was sent. Call the technician; use a paper number.
