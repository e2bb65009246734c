# Le poste de l'agent en français. The officer's desk in French; every key of en.ftl stands here.
# Reviewed by a native speaker: no. The menu says so.

language-name = Français
language-note = (non relu)

# --- frame
desk-title = Poste de l'agent
lane-label = Couloir { $lane }
post-label = Poste { $post }
sign-out = Fermer la session
theme-label = Écran
theme-sun = Soleil
theme-normal = Normal
theme-night = Nuit
language-label = Langue
skip-to-content = Aller au contenu
menu-label = Menu principal
menu-home = Accueil
more = Plus
print = Imprimer
named-detail = { $name } : { $detail }
date-time = { $date }, { $time }
edition-none = Aucune liste sur cet appareil
edition-age = Liste { $number } · { $age }
edition-stale = La liste { $number } a { $age }
carried-stale-trust = Signataires nationaux : { $age }
carried-stale-crl = Listes de révocation : { $age }
carried-stale-defects = Listes de défauts : { $age }
outbox-empty = Tout est envoyé
outbox-waiting = { $count ->
    [one] { $count } dossier attend l'envoi
   *[other] { $count } dossiers attendent l'envoi
}
age-under-hour = moins de 1 h
age-hours = { $count } h
age-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}

# --- signing in
sign-in = Ouvrir la session
officer-id = Agent
pin = Code PIN
sign-in-wrong = Agent ou code PIN incorrect. Réessayez.
sign-in-locked = Cet agent est bloqué après cinq codes PIN incorrects. Le technicien peut le débloquer.
sign-in-failed = L'ouverture de session a échoué sur cet appareil : appelez le technicien.
sign-in-no-officers = Cet appareil ne connaît encore aucun agent. Le technicien en ajoute un : mpaka officer add --id NOM --pin-stdin
box-locked = Cet appareil n'a plus de nouvelles de la direction depuis trop longtemps : il est verrouillé. Connectez-le au réseau ou appelez la direction. D'ici là, travaillez sur papier ; rien n'est perdu.
case-locked = Cet appareil est verrouillé : son boîtier a été ouvert. Utilisez un numéro sur papier et appelez le technicien.
lease-none = sans limite de temps
lease-left = encore { $left } sans la direction
lease-locked = Verrouillé jusqu'à un contact avec la direction
session-over = Votre session est terminée. Ouvrez-en une autre.
form-refused = Ce formulaire ne vient pas de ce poste, ou il est trop ancien. Rien n'a été changé. Revenez en arrière et réessayez.
page-absent = Cette page n'existe pas ici.
back-to-lane = Retour au couloir

# --- opening the lane, the shift
self-test-title = Autotest
self-test-help = Ce qui est marqué laisse des questions ouvertes et n'arrête personne. Ouvrez le couloir après lecture.
lane-open-now = Ouvrir le couloir
part-list = Liste de recherche
part-headquarters = Direction
part-zone-reader = Lecture de la zone
part-face-matcher = Comparaison des visages
part-reader = Lecteur de documents
part-chip-reader = Lecteur de puces
part-board = Voyants et contacts
part-store = Dossiers
part-works = fonctionne
part-technician = ne fonctionne pas : appelez le technicien
part-no-chip-reader = aucun branché : les puces ne sont pas lues
part-trust = Signataires des États
part-trust-none = aucun : aucune puce ne peut être prouvée authentique
part-trust-age = liste la plus récente : { $count } j
shift-title = Service
shift-since = depuis le { $time }
shift-travellers = Voyageurs
shift-undecided = Sans décision
shift-left = Laissé à l'agent suivant
shift-interrupted = Contrôles interrompus
shift-in-front = Voyageurs attendant au poste
shift-outbox = Dossiers à envoyer
shift-hand-over = Passer le couloir

# --- the lane
lane-ready = Prêt pour le voyageur suivant
lane-place = Posez le document sur le lecteur, la photo vers le bas.
lane-read = Lire le document
lane-scenes = Voyageurs de la démonstration
lane-upload = À partir de fichiers d'image
lane-upload-page = Image de la page de données
lane-upload-live = Image du voyageur
lane-upload-start = Contrôler ces images
lane-open = Un voyageur attend votre décision
lane-open-go = Aller au voyageur
lane-no-camera = Aucun lecteur n'est branché. Utilisez des fichiers d'image.
lane-camera-failed = Le lecteur n'a pas donné d'image : { $why }
lane-broke-off = Le contrôle s'est interrompu. Reposez le document.
lane-done-Admit = Admis
lane-done-Refer = Envoyé en deuxième ligne
lane-done-Hold = Mis en attente
lane-done-record = Enregistré sous { $encounter }
lane-done-protection = Sur la voie de protection.
preview-nothing = Aucun document sur le lecteur
preview-ready = Le document est bien posé : lisez-le
preview-no-zone = Aucune zone visible : retournez le document, ou posez la page de la photo sur la vitre
preview-alt = Ce qui est posé sur le lecteur
interrupted-title = Interrompu par la coupure de courant
interrupted-at = Un voyageur du { $time }
interrupted-take-up = Reprendre et décider
interrupted-read-again = Rien n'a été lu : écarter
paper-title = Saisir depuis le papier
paper-help = Pour les voyageurs passés avec un numéro sur papier pendant la panne. Votre saisie est recherchée maintenant ; confirmez ensuite ce qui a été décidé.
paper-number = Numéro sur le papier
paper-day = Jour
paper-time = Heure
paper-enter = Rechercher et continuer
paper-number-missing = Saisissez le numéro écrit sur le papier.
paper-time-wrong = Ce n'est pas un jour et une heure passés.
picture-missing = Choisissez les deux images : la page de données et le voyageur.
picture-unreadable = Ce fichier n'est pas une image lisible : { $why }
decide-first = Décidez d'abord pour le voyageur devant vous.

# --- referral and notice
referral-hint = Donnez la référence au voyageur.
referral-show = Référence pour le voyageur
referral-title = Référence pour le voyageur
referral-reference = Référence
referral-code-alt = La référence en code pour l'appareil photo d'un téléphone
referral-help = Avec cette référence, le voyageur peut demander pourquoi et se plaindre. Elle ne dit rien de la personne.
referral-language = Montrer l'avis dans la langue du voyageur
referral-back = Retour à la référence
notice-title = Veuillez attendre un second contrôle
notice-second-check = Un agent souhaite qu'un collègue regarde vos documents. Ce n'est pas un refus.
notice-people-decide = Un ordinateur a aidé au contrôle, mais seules des personnes décident pour vous.
notice-rights = Vous pouvez demander la raison, demander un interprète, faire corriger des erreurs et vous plaindre. Gardez cette référence.
notice-protection = Si vous avez peur de retourner dans un pays, dites-le à n'importe quel agent. Personne n'en informera ce pays.
notice-reference = Votre référence

# --- the second line
second-line-title = Deuxième ligne
second-line-none = Personne n'a été envoyé.
second-line-back = Retour à la liste
second-line-source = La provenance d'une inscription est connue de la direction.
column-time = Heure
column-decision = Décision
column-check = Question
column-answer = Réponse
column-detail = Précision
column-entry = Inscription
column-likeness = Ressemblance
column-names = Noms et naissances
column-action = Conduite à tenir
column-why = Pourquoi

# --- the encounter
facts-title = Le voyageur et les contrôles
details-link = Tous les détails
details-title = Tous les détails
details-back = Retour au voyageur
lamp-white = Lumière blanche
lamp-infrared = Infrarouge
lamp-ultraviolet = Ultraviolet
lamp-none = non prise
note-protection = Protection : ce dossier est fermé à la première ligne, et aucun pays d'origine n'est interrogé ni informé.
note-paper = Depuis le papier : numéro { $number }, { $time }. Confirmez ce qui a été décidé alors.
note-reopened = Interrompu le { $time } par la coupure de courant. Les images ont disparu ; rien n'a été décidé.
note-corrected = La zone a été saisie à la main.
skip-title = Comparer le visage à l'œil
skip-veil = Voile
skip-injury = Blessure
skip-disability = Handicap
protection-title = Demandeur d'asile, réfugié, enfant seul
protection-take = Voie de protection
working = Lecture …
working-help = Laissez le document en place.
photo-live = Maintenant
photo-chip = Puce
photo-printed = Imprimée
photo-page = Page de données
photo-none-live = Aucune image du voyageur
photo-none-chip = Non lue
photo-none-printed = Non trouvée
photo-alt-live = Le voyageur maintenant
photo-alt-chip = Le portrait dans la puce du document
photo-alt-printed = Le portrait imprimé dans le document
photo-alt-page = La page de données du document
guidance-turn = Tournez le document à l'abri du reflet
guidance-hold_still = Tenez le document immobile
guidance-move_closer = Rapprochez le document
guidance-flatten = Aplatissez la page
guidance-show_whole = Montrez la page entière
advice-Clear = Rien à signaler
advice-Look = Regarder
advice-Refer = Envoyer
headline-clear = Rien ne demande un second regard
name-unknown = Nom non lu
sex-F = Femme
sex-M = Homme
sex-X = Sexe non indiqué
age-years = { $count ->
    [one] { $count } an
   *[other] { $count } ans
}
born-on = Né(e) le { $date }
doc-passport = passeport
doc-card = carte
doc-visa = visa
doc-other = document
document-line = { $state } · { $kind } { $number }
validity-left = valable encore { $left }
validity-today = valable jusqu'à aujourd'hui
validity-over = expiré le { $date }
validity-unknown = aucune date d'expiration lue
duration-years = { $count ->
    [one] { $count } an
   *[other] { $count } ans
}
duration-months = { $count } mois
duration-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
duration-two = { $first } { $second }
date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
date-year = { $year }
date-unknown = inconnue
month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre
checks-title = Contrôles
group-zone = Zone
group-chip = Puce
group-page = Page
group-face = Visage
group-search = Liste
outcome-Successful = bien
outcome-Failed = à regarder
outcome-Undetermined = ouvert
outcome-NotSupported = aucun
outcome-Aborted = interrompu
outcome-working = en cours
reasons-title = Pourquoi
reason-document_listed = Le document est inscrit comme perdu, volé ou révoqué
reason-person_resembles = Une personne inscrite ressemble fortement à ce voyageur
reason-chip_contradicts = La puce n'est pas telle que son État l'a faite, ou c'est une copie
reason-document_expired = Le document a expiré
reason-check_digit_wrong = Un chiffre de contrôle ne convient pas : comparez la zone avec la page
reason-face_differs = Le visage et le portrait diffèrent : comparez-les
reason-person_may_resemble = Une personne inscrite ressemble à ce voyageur : comparez
reason-page_contradicts = La page n'est pas faite comme un document de voyage : regardez-la sous les lampes
reason-chip_unproven = L'authenticité de la puce n'a pas pu être prouvée : regardez les points nommés
reason-chip_silent = La puce n'a pas pu être lue : reposez le document
reason-visual_zone_differs = La page dit autre chose que sa zone : comparez-les
reason-zone_irregular = La zone contient quelque chose d'inhabituel : comparez-la avec la page
reason-zone_unreadable = La zone n'a pas pu être lue : reposez le document
reason-face_uncertain = Les visages ne sont ni assez semblables ni assez différents : comparez-les
reason-compare_child_by_eye = Un enfant : comparez les visages à l'œil
reason-face_skipped = Comparez le visage à l'œil : la machine n'a pas été consultée
reason-second_line = La deuxième ligne doit voir ce voyageur
reason-face_not_compared = Les visages n'ont pas été comparés : comparez-les à l'œil
reason-not_searched = Les listes n'ont pas pu être consultées
reason-list_stale = La liste de cet appareil est ancienne
reason-page_unclear = L'image de la page pourrait être meilleure
zone-title = Zone telle que lue
zone-none = Aucune zone n'a été lue
zone-correct = Corriger la zone
zone-correct-help = Saisissez ce qui est imprimé ; les chiffres de contrôle suivent.
zone-label = Zone, ligne par ligne
zone-take = Prendre cette zone
zone-look = Chiffres de contrôle
zone-before = Telle que la machine l'a lue
chip-opening = Ouverture de la puce …
chip-reading = Lecture de la puce …
chip-reading-face = Lecture de la puce : visage, { $percent } %
chip-stop = Continuer sans la puce
chip-number-link = Lire la puce par son numéro
chip-number-help = Saisissez les six chiffres imprimés sur le document (CAN).
chip-number-label = Numéro d'accès de la carte
chip-number-six = Le numéro a six chiffres.
chip-number-read = Lire la puce
chip-number-failed = La puce ne s'est pas ouverte : { $why }
fields-title = Page et puce
column-field = Champ
field-same = Identique
field-differs = Différent
field-document_code = Code du document
field-document_number = Numéro du document
field-surname = Nom
field-given_names = Prénoms
field-optional = Données facultatives
digits-title = Chiffres de contrôle
zone-text-empty = Saisissez les 2 ou 3 lignes de la zone.
zone-text-lines = Une zone a 2 ou 3 lignes ; celle-ci en a { $found }.
zone-text-length = La ligne { $line } a { $found } caractères sur { $expected }.
zone-text-character = Ligne { $line }, caractère { $column } : seuls A-Z, 0-9 et < figurent dans une zone.
candidates-title = { $count ->
    [one] Une inscription de la liste ressemble à ce voyageur
   *[other] { $count } inscriptions de la liste ressemblent à ce voyageur
}
candidate-document = Document inscrit
candidate-person = Personne inscrite
candidate-face = Visage inscrit
candidate-same = le même
candidate-close = très ressemblant
candidate-somewhat = assez ressemblant
candidate-reference = référence { $entry }
candidate-second-line = La deuxième ligne voit ce que dit l'inscription.
candidate-cleared-first_line = Levé le { $day }, au poste
candidate-cleared-second_line = Levé le { $day }, par la deuxième ligne
candidate-another-person = Le voyageur est une autre personne : le retenir avec l'admission
candidates-cleared = { $count ->
    [one] Une ressemblance, déjà levée
   *[other] { $count } ressemblances, déjà levées
}
evidence-name = nom
evidence-birth = date de naissance
evidence-sex = sexe
evidence-state = État
evidence-document = numéro du document
evidence-face = visage
decision-title = Votre décision
decide-Admit = Admettre
decide-Refer = Envoyer en deuxième ligne
decide-Hold = Mettre en attente
decide-face-again = Reprendre le visage
place-again = Reposer
advice-is = Le conseil est : { $advice }.
why-otherwise = Vous décidez autrement. Pourquoi ?
override-not_this_person = Pas la personne inscrite
override-compared_by_eye = Comparé à l'œil
override-document_examined = Document examiné à la main
override-instructed = Ordre d'un supérieur
override-interview = Entretien
override-misread_by_machine = Mal lu par la machine
override-decided_on_paper = Décidé sur papier
cancel = Retour, décider de nouveau
record-failed = La décision N'A PAS pu être enregistrée : { $why }. Rien n'a été envoyé. Appelez le technicien ; utilisez un numéro sur papier.

# --- details of checks
detail-code = { $code }
detail-document-code = Le code du document commence par { $first }.
detail-character = ligne { $line }, caractère { $column } : { $read } ne peut pas s'y trouver
detail-digit = attendu { $expected }, lu { $read }
detail-no-date = { $read } n'est pas une date
detail-sex = lu { $read }
detail-expired = expiré le { $day }
detail-valid-until = valable jusqu'au { $day }
detail-expiry-doubtful = lu { $day }, et son chiffre de contrôle ne convient pas
detail-edition-old = liste { $edition }, { $days ->
    [one] { $days } jour
   *[other] { $days } jours
}
detail-no-number = aucun numéro de document dans la zone
detail-child = { $age ->
    [one] { $age } an
   *[other] { $age } ans
} : au-dessous de { $minimum }, aucun score n'est formé
detail-no-portrait = aucun portrait trouvé dans le document
detail-no-face = aucun visage trouvé
detail-several-faces = { $count } visages trouvés : une personne à la fois
detail-face-turned = le visage n'est pas droit
detail-face-small = le visage est trop petit : approchez
detail-face-compared = comparé par la machine
detail-no-format = les lignes ne forment aucune zone d'un format connu
detail-visual = la page dit { $printed }, la zone { $zone }
detail-corrected = la zone a été corrigée à la main ensuite
detail-typed = saisie par l'agent
detail-chip-silent = une puce est attendue et aucune n'a répondu ; les puces s'abîment, cela seul ne prouve rien
detail-chip-altered = autre que signé : { $files }
detail-chip-signer-unknown = le signataire du pays { $signer } n'est pas connu de cet appareil

# --- the questions
check-zone-present = Zone trouvée
check-zone-format = Format de la zone
check-zone-characters = Caractères de la zone
check-zone-evidence = Image et lecture s'accordent
check-zone-check_digit-document_number = Chiffre de contrôle du numéro
check-zone-check_digit-date_of_birth = Chiffre de contrôle de la naissance
check-zone-check_digit-date_of_expiry = Chiffre de contrôle de l'expiration
check-zone-check_digit-optional = Chiffre de contrôle du numéro personnel
check-zone-check_digit-composite = Chiffre de contrôle d'ensemble
check-zone-date_of_birth = Date de naissance
check-zone-date_of_expiry = Date d'expiration
check-zone-issuing_state = État émetteur
check-zone-nationality = Nationalité
check-zone-sex = Sexe
check-zone-document_validity = Validité
check-chip-access = La puce répond
check-chip-access-pace = Accès à la puce par PACE
check-chip-access-bac = Accès à la puce par BAC
check-chip-common_data = Puce : liste de ses fichiers
check-chip-authenticity = Puce : authentique
check-chip-conformance = Puce : conforme à la norme
check-chip-security_object = Puce : objet de sécurité
check-chip-passive_authentication-signature = Puce : signature électronique
check-chip-passive_authentication-chain = Puce : signée par son État
check-chip-passive_authentication-validity = Puce : certificats valables
check-chip-passive_authentication-revocation = Puce : signataire non révoqué
check-chip-passive_authentication-algorithms = Puce : algorithmes
check-chip-data_group_hashes = Puce : fichiers inaltérés
check-chip-issuing_state = Puce : État émetteur
check-chip-zone_agrees = Puce et page s'accordent
check-chip-active_authentication = Puce non copiée (active)
check-chip-chip_authentication = Puce non copiée
check-page-present = Page trouvée
check-page-portrait = Portrait sur la page
check-page-focus = Netteté de la page
check-page-glare = Pas de reflet sur la page
check-page-resolution = Finesse de la page
check-page-infrared_zone = Zone sombre en infrarouge
check-page-ultraviolet_dullness = Papier mat en ultraviolet
check-page-visual_zone-document_number = Numéro imprimé
check-page-visual_zone-date_of_birth = Date de naissance imprimée
check-page-visual_zone-date_of_expiry = Date d'expiration imprimée
check-page-visual_zone-name = Nom imprimé
check-page-visual_zone-nationality = Nationalité imprimée
check-page-visual_zone-sex = Sexe imprimé
check-face-live = Visage devant la caméra
check-face-reference = Visage dans le document
check-face-match = Comparaison des visages
check-face-skipped = Visage comparé à l'œil
check-search-documents = Documents inscrits
check-search-persons = Personnes inscrites
check-search-edition = Âge de la liste

# --- the technician's pages
technician-title = Technicien
standing-no-key = Cet appareil n'a pas encore de clé : enregistrez-le d'abord.
standing-never = Jamais étalonné : les images sont lues telles quelles.
standing-calibrated = Étalonné le { $made }, à refaire le { $due }.
standing-distrusted = L'étalonnage n'est pas fiable : les contrôles de la page restent ouverts.
verdict-green = dans la tolérance
verdict-amber = dérive : à surveiller
verdict-red = hors tolérance
step-focus = Mise au point
step-geometry = Géométrie
step-lamps = Lampes
step-colour = Couleurs
step-inks = Infrarouge et ultraviolet
step-zone = Lecture de la zone
step-faces = Caméra du visage
step-golden = Balayage de référence
step-optional = (un appareil peut s'en passer)
place-focus-sheet = Posez la feuille de mise au point sur la vitre, face imprimée en bas ; fermez le couvercle.
place-board-held = Tenez le damier à une largeur de main au-dessus de la vitre, incliné, chaque fois autrement ; il doit être vu en entier.
place-board-flat = Posez le damier à plat sur la vitre ; fermez le couvercle.
place-white-sheet = Couvrez toute la vitre d'une feuille blanche propre ; fermez le couvercle.
place-patches = Posez la mire de 24 couleurs sur la vitre ; fermez le couvercle.
place-infrared-card = Posez la carte infrarouge sur la vitre ; fermez le couvercle.
place-ultraviolet-card = Posez la carte ultraviolette sur la vitre ; fermez le couvercle et laissez-le fermé.
place-specimen = Posez un document spécimen sur la vitre ; fermez le couvercle.
place-face-near = Tenez la mire du visage droite, à 40 cm de la caméra du visage.
place-face-middle = Tenez la mire du visage droite, à 60 cm de la caméra du visage.
place-face-far = Tenez la mire du visage droite, à 100 cm de la caméra du visage.
place-sheet-in-lid = Enlevez tout de la vitre ; fermez le couvercle.
shot-white = En lumière blanche
shot-dark = Toutes lampes éteintes
shot-infrared = En infrarouge
shot-ultraviolet = En ultraviolet
shot-view = Tenu incliné (six ou plus)
shot-flat = Posé sur la vitre
shot-40 = À 40 cm
shot-60 = À 60 cm
shot-100 = À 100 cm
burning-white = lampe blanche
burning-infrared = lampe infrarouge
burning-ultraviolet = lampe ultraviolette
taking-warming = Préchauffage : { $lamp }
taking-resting = La lampe ultraviolette se repose quelques secondes
taking-lamp = Prise de vues : { $lamp }
taking-dark = Prise de vue, toutes lampes éteintes
taking-pictures = Prise de vues ; ne touchez à rien
took-step = { $step } : { $verdict }
took-more = { $step } : image prise ; la suivante est demandée ci-dessous.
took-drift = Contrôle de dérive : { $verdict }
took-failed = La mesure a échoué : { $why }
pictures-take = Prendre les images
pictures-send = Envoyer des images à la place
pictures-undecoded = Les images n'ont pas pu être décodées.
measure = Mesurer
views-of = { $taken } sur { $wanted }
specimen-lines = Les lignes de sa zone, telles qu'imprimées
specimen-lines-missing = Tapez d'abord les lignes de la zone du spécimen.
glass-taken = Des images sont déjà en cours de prise, ou cet appareil n'a pas de caméra.
drift-title = Contrôle de dérive quotidien
drift-take = Contrôler maintenant
drift-history = Les { $count } derniers contrôles : part de la limite rouge atteinte par le pire chiffre ; le trait est la limite.
calibration-title = Étalonnage
report-save = Rapport (HTML, à imprimer)
figure-name = Grandeur
figure-measured = Mesuré
figure-tolerance = Tolérance
sign-profile = Signer le profil
signed-until = ✓ Signé jusqu'au { $day }
