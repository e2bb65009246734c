# مكتب الضابط بالعربية. The officer's desk in Arabic, right to left; every key of en.ftl stands here.
# Reviewed by a native speaker: no. The menu says so.

language-name = العربية
language-note = (لم تُراجَع)

# --- frame
desk-title = مكتب الضابط
lane-label = المسار { $lane }
post-label = المعبر { $post }
sign-out = تسجيل الخروج
theme-label = الشاشة
theme-sun = شمس
theme-normal = عادي
theme-night = ليل
language-label = اللغة
skip-to-content = إلى المحتوى
menu-label = القائمة
menu-home = البداية
more = المزيد
print = طباعة
named-detail = { $name }: { $detail }
date-time = { $date }، { $time }
edition-none = لا توجد قائمة على هذا الجهاز
edition-age = القائمة { $number } · { $age }
edition-stale = عمر القائمة { $number } هو { $age }
edition-lapsed = لم يؤكد المقر القائمة { $number } منذ { $age }
role-trust = الموقعون الوطنيون
role-crl = قوائم الإلغاء
role-defects = قوائم العيوب
role-model = النماذج
role-policy = السياسة
role-locale = اللغات
role-software = البرامج
role-silent = بلا تأكيد من المقر منذ { $age }
outbox-empty = أُرسل كل شيء
outbox-waiting = { $count ->
    [zero] لا سجل ينتظر الإرسال
    [one] سجل واحد ينتظر الإرسال
    [two] سجلان ينتظران الإرسال
    [few] { $count } سجلات تنتظر الإرسال
    [many] { $count } سجلًا تنتظر الإرسال
   *[other] { $count } سجل تنتظر الإرسال
}
age-under-hour = أقل من ساعة
age-hours = { $count } س
age-days = { $count ->
    [zero] { $count } يوم
    [one] يوم واحد
    [two] يومان
    [few] { $count } أيام
    [many] { $count } يومًا
   *[other] { $count } يوم
}

# --- signing in
sign-in = تسجيل الدخول
officer-id = الضابط
pin = الرقم السري
sign-in-wrong = الضابط أو الرقم السري غير صحيح. حاول مرة أخرى.
sign-in-locked = أُقفل حساب هذا الضابط بعد خمسة أرقام سرية خاطئة. يمكن للفني فتحه.
sign-in-failed = فشل تسجيل الدخول على هذا الجهاز: اتصل بالفني.
sign-in-no-officers = لا يعرف هذا الجهاز أي ضابط بعد. يضيف الفني ضابطًا بالأمر: mpaka officer add --id NAME --pin-stdin
box-locked = لم يسمع هذا الجهاز من المقر منذ وقت طويل فأُقفل. صِله بالشبكة أو اتصل بالمقر. وحتى ذلك الحين اعمل على الورق؛ لم يضع شيء.
box-locked-allows = ما دام مقفلًا يمكنك إدخال المسافرين من الورق، والبت في أمر من يقف هنا، وتسليم المسار. لا يُبحث في أي قائمة.
case-locked = هذا الجهاز مقفل: فُتح غلافه. اعمل على الورق واتصل بالفني؛ لم يضع شيء.
box-updating = يثبّت هذا الجهاز إصدارًا جديدًا من برنامجه. انتظر دقيقة ثم ضع الوثيقة من جديد؛ لم يضع شيء.
lease-none = بلا حد زمني دونه
lease-left = بقي { $left } دون المقر
lease-locked = مقفل حتى يُسمع من المقر
session-over = انتهت جلستك. سجّل الدخول مرة أخرى.
form-refused = لم يُنشأ هذا النموذج في هذا المكتب أو أنه قديم جدًا. لم يتغير شيء. ارجع وحاول مرة أخرى.
page-absent = لا توجد صفحة كهذه هنا.
back-to-lane = العودة إلى المسار

# --- opening the lane, the shift
self-test-title = الفحص الذاتي
self-test-help = ما عليه علامة يترك أسئلة مفتوحة ولا يوقف أحدًا. افتح المسار بعد القراءة.
lane-open-now = افتح المسار
lane-open-locked = المتابعة على الورق
part-list = القائمة
part-headquarters = المقر
part-zone-reader = قراءة المنطقة
part-face-matcher = مقارنة الوجوه
part-reader = قارئ الوثائق
part-chip-reader = قارئ الشرائح
part-board = الأضواء والمفاتيح
part-store = السجلات
part-works = يعمل
part-technician = لا يعمل: اتصل بالفني
part-no-chip-reader = غير موصول: لا تُقرأ الشرائح
part-trust = موقّعو الدول
part-trust-none = لا شيء: لا يمكن إثبات صحة أي شريحة
part-trust-age = أحدث قائمة عمرها { $count } يوم
shift-title = النوبة
shift-since = منذ { $time }
shift-travellers = المسافرون
shift-undecided = بلا قرار
shift-left = متروك للضابط التالي
shift-interrupted = حالات انقطعت
shift-in-front = مسافرون ينتظرون عند المكتب
shift-outbox = سجلات تنتظر الإرسال
shift-hand-over = تسليم المسار

# --- the lane
lane-ready = جاهز للمسافر التالي
lane-place = ضع الوثيقة على القارئ والصورة إلى الأسفل.
lane-read = اقرأ الوثيقة
lane-scenes = مسافرو العرض التجريبي
scene-right-person = الشخص نفسه، جواز سفر
scene-right-person-card = الشخص نفسه، بطاقة
scene-another-face = وجه شخص آخر
scene-nobody = لا أحد أمام الكاميرا
scene-listed-document = جواز سفر مبلّغ عن سرقته
scene-listed-name = اسم مدرج بكتابة أخرى
scene-expired = جواز سفر منتهي الصلاحية
scene-check-digit = رقم تحقق لا يطابق
scene-unreadable = صفحة لا تُقرأ
scene-child = طفل
scene-refugee = وثيقة لاجئ
scene-discreet = قيد سري
scene-chip = شريحة تثبت الوثيقة
scene-chip-another-face = شريحة فيها وجه آخر
scene-chip-unknown-state = شريحة دولة غير معروفة
scene-chip-silent = شريحة لا تجيب
scene-visa = تأشيرة بلا جواز سفر
scene-portrait-of-child = أربعة عشر عامًا، وصورة من الطفولة
lane-upload = من ملفات صور
lane-upload-page = صورة صفحة البيانات
lane-upload-live = صورة المسافر
lane-upload-start = افحص هاتين الصورتين
lane-open = مسافر ينتظر قرارك
lane-open-go = إلى المسافر
lane-no-camera = لا يوجد قارئ موصول. استخدم ملفات الصور.
lane-camera-failed = لم يُعطِ القارئ صورة: { $why }
lane-broke-off = انقطع الفحص. ضع الوثيقة مرة أخرى.
lane-done-Admit = سُمح له بالدخول
lane-done-Refer = أُحيل إلى الخط الثاني
lane-done-Hold = أُوقف مؤقتًا
lane-done-record = سُجّل برقم { $encounter }
lane-done-protection = على مسار الحماية.
preview-nothing = لا وثيقة على القارئ
preview-ready = الوثيقة في مكانها: اقرأها
preview-no-zone = لا تظهر المنطقة: اقلب الوثيقة أو ضع صفحة الصورة على الزجاج
preview-alt = ما على القارئ
interrupted-title = انقطعت عند انقطاع الكهرباء
interrupted-at = مسافر { $time }
interrupted-take-up = تابع وقرّر
interrupted-read-again = لم يُقرأ شيء: أزلها
paper-title = إدخال من الورق
paper-help = للمسافرين الذين مرّوا برقم على الورق أثناء تعطل الجهاز. يُبحث الآن عما تكتبه، ثم أكّد القرار الذي اتُّخذ.
paper-help-locked = الجهاز مقفل: ما تكتبه يُسجَّل ويُرسل لاحقًا. لا يُبحث في أي قائمة. ثم أكّد ما تقرر.
paper-number = الرقم على الورقة
paper-day = اليوم
paper-time = الوقت
paper-enter = ابحث وتابع
paper-enter-locked = متابعة
paper-number-missing = اكتب الرقم الموجود على الورقة.
paper-time-wrong = ليس هذا يومًا ووقتًا قد مضى.
picture-missing = اختر الصورتين: صفحة البيانات والمسافر.
picture-unreadable = هذا الملف ليس صورة يمكن قراءتها: { $why }
decide-first = قرّر أولًا بشأن المسافر الواقف أمامك.

# --- referral and notice
referral-hint = أعطِ المسافر الرقم المرجعي.
referral-show = الرقم المرجعي للمسافر
referral-title = الرقم المرجعي للمسافر
referral-reference = الرقم المرجعي
referral-code-alt = الرقم المرجعي كرمز لكاميرا الهاتف
referral-help = بهذا الرقم يمكن للمسافر أن يسأل عن السبب وأن يشتكي. لا يحوي شيئًا عن الشخص.
referral-language = اعرض الإشعار بلغة المسافر
referral-back = العودة إلى الرقم المرجعي
notice-title = يُرجى انتظار فحص ثانٍ
notice-second-check = يريد الضابط أن ينظر زميل له في وثائقك. هذا ليس رفضًا.
notice-people-decide = ساعد حاسوب في الفحص، لكن القرار بشأنك للناس وحدهم.
notice-rights = لك أن تسأل عن السبب، وأن تطلب مترجمًا، وأن تُصحَّح الأخطاء، وأن تشتكي. احتفظ بهذا الرقم.
notice-protection = إن كنت تخاف العودة إلى بلد ما فأخبر أي ضابط. لن يُخبر أحد ذلك البلد.
notice-reference = رقمك المرجعي

# --- the second line
second-line-title = الخط الثاني
second-line-none = لم يُحَل أحد.
second-line-back = العودة إلى القائمة
second-line-source = مصدر القيد معروف لدى المقر.
column-time = الوقت
column-decision = القرار
column-check = السؤال
column-answer = الجواب
column-detail = التفصيل
column-entry = القيد
column-likeness = الشبه
column-names = الأسماء والمواليد
column-action = ما يجب فعله
column-why = السبب

# --- the encounter
facts-title = المسافر والفحوص
details-link = كل التفاصيل
details-title = كل التفاصيل
details-back = العودة إلى المسافر
lamp-white = ضوء أبيض
lamp-infrared = تحت الحمراء
lamp-ultraviolet = فوق البنفسجية
lamp-none = لم تُلتقط
note-protection = حماية: هذا السجل مغلق أمام الخط الأول، ولا يُسأل بلد المنشأ ولا يُخبر.
note-paper = من الورق: الرقم { $number }، { $time }. أكّد القرار الذي اتُّخذ حينها.
note-reopened = انقطعت في { $time } عند انقطاع الكهرباء. اختفت الصور ولم يُقرَّر شيء.
note-corrected = كُتبت المنطقة باليد.
skip-title = قارن الوجه بالعين بدلًا من ذلك
skip-veil = نقاب
skip-injury = إصابة
skip-disability = إعاقة
protection-title = طالب لجوء، لاجئ، طفل وحده
protection-take = مسار الحماية
working = تجري القراءة …
working-help = اترك الوثيقة في مكانها.
photo-live = الآن
photo-chip = الشريحة
photo-printed = المطبوعة
photo-page = صفحة البيانات
photo-none-live = لا صورة حية
photo-none-chip = لم تُقرأ
photo-unproven-chip = ليست كما وُقّعت: لا تُعرض
photo-none-printed = لم توجد
photo-alt-live = المسافر الآن
photo-alt-chip = الصورة في شريحة الوثيقة
photo-alt-printed = الصورة المطبوعة في الوثيقة
photo-alt-page = صفحة بيانات الوثيقة
guidance-turn = أبعد الوثيقة عن انعكاس الضوء
guidance-hold_still = ثبّت الوثيقة
guidance-move_closer = قرّب الوثيقة
guidance-flatten = ابسط الصفحة
guidance-show_whole = أظهر الصفحة كلها
face-guidance-show_face = انظر إلى الكاميرا
face-guidance-one_at_a_time = شخص واحد في كل مرة
face-guidance-come_closer = اقترب
face-guidance-step_back = ارجع إلى الوراء
face-guidance-move_to_middle = قف في الوسط
face-guidance-face_camera = وجّه وجهك نحو الكاميرا
face-guidance-level_chin = اجعل الذقن مستويًا
face-guidance-straighten_head = أبقِ الرأس مستقيمًا
face-guidance-uncover_eyes = اكشف العينين: بلا نظارات داكنة
face-guidance-uncover_mouth = اكشف الفم والذقن
face-guidance-open_eyes = افتح العينين
face-guidance-close_mouth = أغلق الفم
face-guidance-hold_still = لا تتحرك؛ إن بقيت الصورة ضبابية فنظّف العدسة
face-guidance-more_light = مزيد من الضوء على الوجه
face-guidance-less_light = ضوء أقل على الوجه
face-guidance-even_light = أضئ الوجه من الأمام
face-guidance-plain_background = قف أمام خلفية سادة
face-guidance-check_colours = الألوان غير صحيحة: اتصل بالفني
face-guidance-better_copy = الصورة مضغوطة أكثر من اللازم: التقطها مجددًا
advice-Clear = سليم
advice-Look = انظر
advice-Refer = أحِل
headline-clear = لا شيء يحتاج إلى نظرة ثانية
name-unknown = لم يُقرأ الاسم
sex-F = أنثى
sex-M = ذكر
sex-X = الجنس غير مذكور
age-years = { $count ->
    [zero] أقل من سنة
    [one] سنة واحدة
    [two] سنتان
    [few] { $count } سنوات
    [many] { $count } سنة
   *[other] { $count } سنة
}
born-on = المولد { $date }
doc-passport = جواز سفر
doc-card = بطاقة
doc-visa = تأشيرة
doc-other = وثيقة
document-line = { $state } · { $kind } { $number }
validity-left = صالحة { $left } أخرى
validity-today = صالحة حتى اليوم
validity-over = انتهت في { $date }
validity-unknown = لم يُقرأ تاريخ الانتهاء
duration-years = { $count ->
    [zero] { $count } سنة
    [one] سنة
    [two] سنتين
    [few] { $count } سنوات
    [many] { $count } سنة
   *[other] { $count } سنة
}
duration-months = { $count ->
    [zero] { $count } شهر
    [one] شهرًا
    [two] شهرين
    [few] { $count } أشهر
    [many] { $count } شهرًا
   *[other] { $count } شهر
}
duration-days = { $count ->
    [zero] { $count } يوم
    [one] يومًا
    [two] يومين
    [few] { $count } أيام
    [many] { $count } يومًا
   *[other] { $count } يوم
}
duration-two = { $first } و{ $second }
date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
date-year = { $year }
date-unknown = غير معروف
month-1 = يناير
month-2 = فبراير
month-3 = مارس
month-4 = أبريل
month-5 = مايو
month-6 = يونيو
month-7 = يوليو
month-8 = أغسطس
month-9 = سبتمبر
month-10 = أكتوبر
month-11 = نوفمبر
month-12 = ديسمبر
checks-title = الفحوص
group-zone = المنطقة
group-chip = الشريحة
group-page = الصفحة
group-face = الوجه
group-search = البحث
outcome-Successful = سليم
outcome-Failed = انظر
outcome-Undetermined = مفتوح
outcome-NotSupported = لا يوجد
outcome-Aborted = انقطع
outcome-working = جارٍ
reasons-title = السبب
reason-document_listed = الوثيقة مدرجة كمفقودة أو مسروقة أو ملغاة
reason-person_resembles = شخص مدرج يشبه هذا المسافر كثيرًا
reason-chip_contradicts = الشريحة ليست كما صنعتها دولتها، أو هي نسخة
reason-document_expired = انتهت صلاحية الوثيقة
reason-check_digit_wrong = رقم التحقق لا يطابق: قارن المنطقة بالصفحة
reason-face_differs = الوجه والصورة مختلفان: قارن بينهما
reason-person_may_resemble = شخص مدرج يشبه هذا المسافر: قارن
reason-page_contradicts = الصفحة ليست مصنوعة كوثائق السفر: انظر إليها تحت المصابيح
reason-chip_unproven = لم تثبت صحة الشريحة: انظر إلى النقاط المذكورة
reason-chip_silent = تعذرت قراءة الشريحة: ضع الوثيقة مرة أخرى
reason-visa_alone = تأشيرة بلا جواز سفر: اقرأ الجواز
reason-visual_zone_differs = الصفحة تقول غير ما تقوله المنطقة: قارن بينهما
reason-zone_irregular = في المنطقة شيء غير معتاد: قارنها بالصفحة
reason-zone_unreadable = لم تُقرأ المنطقة: ضع الوثيقة مرة أخرى
reason-face_uncertain = الوجهان ليسا متشابهين ولا مختلفين بما يكفي: قارن بينهما
reason-compare_child_by_eye = طفل: قارن الوجهين بالعين
reason-face_skipped = قارن الوجه بالعين: لم تُسأل الآلة
reason-second_line = على الخط الثاني أن يرى هذا المسافر
reason-face_not_compared = لم يُقارن الوجهان: قارنهما بالعين
reason-not_searched = تعذر البحث في القوائم
reason-list_lapsed = لم يؤكد المقر القائمة منذ مدة طويلة: عدم العثور على شيء لا يثبت شيئًا
reason-trust_lapsed = لم يؤكد المقر منذ مدة طويلة ما تُفحص به الشرائح: انظر إلى الوثيقة
reason-list_stale = القائمة على هذا الجهاز قديمة
reason-faces_not_searched = تعذر البحث في وجوه القائمة
reason-page_unclear = كان يمكن أن تكون صورة الصفحة أفضل
zone-title = المنطقة كما قُرئت
zone-none = لم تُقرأ أي منطقة
zone-correct = صحّح المنطقة
zone-correct-help = اكتب ما هو مطبوع؛ تتبعه أرقام التحقق.
zone-label = المنطقة سطرًا سطرًا
zone-take = اعتمد هذه المنطقة
zone-look = أرقام التحقق
zone-before = كما قرأتها الآلة
chip-opening = جارٍ فتح الشريحة …
chip-reading = جارٍ قراءة الشريحة …
chip-reading-face = جارٍ قراءة الشريحة: الوجه، { $percent } %
chip-stop = تابع من دون الشريحة
chip-number-link = اقرأ الشريحة برقمها
chip-number-help = اكتب الأرقام الستة المطبوعة على الوثيقة (CAN).
chip-number-label = رقم الوصول إلى البطاقة
chip-number-six = يتكون الرقم من ستة أرقام.
chip-number-read = اقرأ الشريحة
chip-number-failed = لم تُفتح الشريحة: { $why }
fields-title = الصفحة والشريحة
column-field = الحقل
field-same = متطابق
field-differs = مختلف
field-document_code = رمز الوثيقة
field-document_number = رقم الوثيقة
field-surname = اسم العائلة
field-given_names = الأسماء
field-optional = بيانات اختيارية
digits-title = أرقام التحقق
zone-text-empty = اكتب سطري المنطقة أو أسطرها الثلاثة.
zone-text-lines = للمنطقة سطران أو ثلاثة؛ هنا { $found }.
zone-text-length = السطر { $line } فيه { $found } من { $expected } حرفًا.
zone-text-character = السطر { $line }، الحرف { $column }: لا يقف في المنطقة إلا A-Z و0-9 و<.
candidates-title = { $count ->
    [zero] لا قيد يشبه هذا المسافر
    [one] قيد واحد في القائمة يشبه هذا المسافر
    [two] قيدان في القائمة يشبهان هذا المسافر
    [few] { $count } قيود في القائمة تشبه هذا المسافر
    [many] { $count } قيدًا في القائمة تشبه هذا المسافر
   *[other] { $count } قيد في القائمة تشبه هذا المسافر
}
candidate-document = وثيقة مدرجة
candidate-person = شخص مدرج
candidate-face = وجه مدرج
candidate-same = هو نفسه
candidate-close = شبه كبير
candidate-somewhat = بعض الشبه
candidate-reference = المرجع { $entry }
candidate-second-line = يرى الخط الثاني ما يقوله القيد.
candidate-cleared-first_line = تمت تبرئته سابقا: { $day }، في الممر
candidate-cleared-second_line = تمت تبرئته سابقا: { $day }، من الخط الثاني
candidate-another-person = المسافر شخص آخر: تذكر ذلك مع السماح
candidates-cleared = { $count ->
    [one] تشابه واحد، تمت تبرئته سابقا
   *[other] { $count } تشابهات، تمت تبرئتها سابقا
}
evidence-name = الاسم
evidence-birth = تاريخ الميلاد
evidence-sex = الجنس
evidence-state = الدولة
evidence-document = رقم الوثيقة
evidence-face = الوجه
likeness-unlike = { $x } و{ $y } ليسا متشابهين تمامًا
likeness-worst = { $x } و{ $y } الأقل تشابهًا
likeness-extra = { $x }{ $y } في أحد الاسمين فقط
likeness-against = { $x } مقابل { $y }
likeness-against-much = { $x } مقابل { $y } فرق كبير
likeness-shifted = الاسم الأول { $x } أو { $y } غائب: ابن وأب؟
likeness-first-sound = { $x } و{ $y } يبدآن بصوتين مختلفين
likeness-little = القليل مشترك بين الاسمين وفيهما غيره
likeness-extra-syllable = { $x }{ $y } في أحد الاسمين فقط، وكل الأجزاء قصيرة
likeness-two-syllables = { $x } و{ $y } مقطعان، إذن اسمان
likeness-first-left = الجزء الأول من أحد الاسمين ليس في الآخر
likeness-order = الأجزاء بترتيب آخر
likeness-swapped = تبادل الابن والأب مكانيهما: { $x }، { $y }
likeness-initial = { $x } و{ $y }: حرف بدل اسم
likeness-no-birth = لا تذكر القائمة تاريخ ميلاد
likeness-near-only = الاسمان متقاربان فقط ولا يسندهما تاريخ ميلاد
likeness-surname = اسم العائلة ليس في الاسم المدرج
likeness-born = الميلاد { $born }، في القائمة { $listed }
likeness-sex = الجنس مختلف
likeness-nationality = الجنسية { $nationality }، في القائمة { $listed }
likeness-document = الرقم { $number } من { $state } مدرج
likeness-face = وجه مدرج يشبه هذا: { $score }
decision-title = قرارك
decide-Admit = اسمح
decide-Refer = أحِل إلى الخط الثاني
decide-Hold = أوقف مؤقتًا
decide-face-again = الوجه مرة أخرى
place-again = ضعها مرة أخرى
advice-is = النصيحة: { $advice }.
why-otherwise = قرارك مختلف. لماذا؟
override-not_this_person = ليس الشخص المدرج
override-compared_by_eye = قورن بالعين
override-document_examined = فُحصت الوثيقة باليد
override-instructed = بأمر من رئيس
override-interview = مقابلة
override-misread_by_machine = أخطأت الآلة القراءة
override-decided_on_paper = قُرّر على الورق
cancel = رجوع، قرّر من جديد
record-failed = لم يُسجَّل القرار: { $why }. لم يُرسل شيء. اتصل بالفني واستخدم رقمًا على الورق.
why-reader-silent = لا يستجيب: افحص كابله
why-picture-large = كبيرة جدًا
why-picture-damaged = تالفة
why-picture-unknown = من نوع غير معروف
why-page-of-before = الصفحة ما زالت صفحة المسافر السابق: ضع وثيقة هذا المسافر
why-face-of-before = الوجه ما زال وجه المسافر السابق: التقط صورة هذا المسافر
why-glass-taken = تُلتقط صور أخرى على الزجاج (الجهاز قيد المعايرة): انتظر حتى ينتهي ذلك
why-disk-full = القرص ممتلئ
why-store = لم يستطع الجهاز كتابته

# --- details of checks
detail-code = { $code }
detail-document-code = يبدأ رمز الوثيقة بـ { $first }.
detail-character = السطر { $line }، الحرف { $column }: لا يمكن أن يقف { $read } هناك
detail-digit = المتوقع { $expected }، المقروء { $read }
detail-no-date = { $read } ليس تاريخًا
detail-sex = قُرئ { $read }
detail-expired = انتهت في { $day }
detail-valid-until = صالحة حتى { $day }
detail-expiry-doubtful = قُرئ { $day } ورقم تحققه لا يطابق
detail-faces-other-model = وجوه القائمة صنعها نموذج آخر
detail-and = { $first }؛ { $second }
detail-since = منذ { $day }
detail-face-score = التشابه { $score }
detail-edition-old = القائمة { $edition }، { $days ->
    [zero] { $days } يوم
    [one] يوم واحد
    [two] يومان
    [few] { $days } أيام
    [many] { $days } يومًا
   *[other] { $days } يوم
}
detail-lease-over = بلا تأكيد من المقر منذ { $days ->
    [zero] { $days } يوم
    [one] يوم واحد
    [two] يومين
    [few] { $days } أيام
    [many] { $days } يومًا
   *[other] { $days } يوم
}
detail-no-number = لا رقم وثيقة في المنطقة
detail-child = { $age ->
    [zero] أقل من سنة
    [one] سنة واحدة
    [two] سنتان
    [few] { $age } سنوات
    [many] { $age } سنة
   *[other] { $age } سنة
}: تحت { $minimum } لا تُحسب درجة
detail-no-portrait = لا صورة وجه في الوثيقة
detail-no-face = لا وجه
detail-several-faces = عدد الوجوه { $count }: شخص واحد في كل مرة
detail-portrait-of-child = قد تكون الصورة قبل سن { $minimum }: لا تُحسب درجة
detail-face-turned = الوجه ليس معتدلًا
detail-face-small = الوجه صغير جدًا: اقترب
detail-eyes-covered = العينان مغطاتان: بلا نظارات داكنة
detail-mouth-covered = الفم مغطى: اكشف الفم والذقن
detail-face-compared = قارنته الآلة
detail-no-format = الأسطر ليست منطقة بصيغة معروفة
detail-visual = الصفحة تقول { $printed } والمنطقة { $zone }
detail-corrected = صُحّحت المنطقة باليد بعد ذلك
detail-typed = كتبها الضابط
detail-chip-silent = يُتوقع وجود شريحة ولم تُجب أي منها؛ الشرائح تتعطل، وهذا وحده لا يثبت شيئًا
detail-chip-altered = ليست كما وُقّعت: { $files }
detail-chip-signer-unknown = موقّع الدولة { $signer } غير معروف لهذا الجهاز
detail-visa = لا أحد يسافر بتأشيرة وحدها
detail-no-such-digit = ليس في هذا الشكل رقم تحقق كهذا
detail-known-in-part = معروف جزئيًا
detail-marked-unknown = مذكور أنه غير معروف
detail-none-stated = غير مذكور
detail-cannot-be-read = لا تمكن قراءته
detail-no-zone = لم تُقرأ أي منطقة
detail-broke-off = انقطع: حاول مرة أخرى
detail-locked = الجهاز مقفل: لم يُبحث عن شيء
detail-edition = القائمة { $edition }
detail-list-unreadable = لا تمكن قراءة القائمة: اتصل بالفني
detail-no-faces-sought = لم يُبحث عن صورة وجه: اتصل بالفني
detail-doubtful = { $count ->
    [one] حرف واحد مشكوك فيه ({ $count })
   *[other] الحروف المشكوك فيها: { $count }
}
detail-helped = { $count ->
    [one] حُسم حرف واحد برقم تحققه
   *[other] حُسمت حروف عددها { $count } بأرقام تحققها
}
detail-blurred = ضبابية بمقدار { $measured } مم
detail-glare = انعكاس على { $measured } % من المنطقة
detail-resolution = { $measured } بكسل في البوصة
detail-not-stated = لا تذكره المنطقة
detail-not-repeated = لا يلزم أن يكرره هذا الوجه من البطاقة
detail-not-found-printed = لم يوجد في المطبوع
detail-visual-doubtful = يبدو أن الصفحة تقول { $printed } والمنطقة { $zone }؛ والباقي بالكاد يُقرأ
detail-visual-unread = لم تمكن قراءة المطبوع
detail-no-page = لم يُعثر على الصفحة في الصورة
detail-lamp-other-place = قد تكون الصورة تحت هذا المصباح لصفحة أو مكان آخر: أبقِ الوثيقة ثابتة
detail-infrared-other-zone = تُقرأ تحت الأشعة تحت الحمراء منطقة أخرى
detail-lamp-unclear = لا يمكن قياس المنطقة تحت هذا المصباح
detail-zone-faint = المنطقة باهتة حتى تحت الضوء الأبيض
detail-lamp-exposure = الصورة تحت هذا المصباح مظلمة أو ساطعة جدًا: هل المصباح مضاء؟
detail-infrared-vanishes = المنطقة مطبوعة بحبر لا تُظهره الأشعة تحت الحمراء
detail-paper-shines = يلمع الورق تحت الأشعة فوق البنفسجية
detail-paper-between = الورق تحت الأشعة فوق البنفسجية ليس باهتًا ولا لامعًا
detail-distrusted = لا يُعتمد على معايرة القارئ: اتصل بالفني
detail-reader-absent = قارئ الشرائح لا يعمل: اتصل بالفني
detail-reader-hung = قارئ الشرائح لا يستجيب. ضع الوثيقة من جديد؛ وإن بقي كذلك فافصل قابسه وأعده
detail-chip-none = لم تستجب أي شريحة
detail-chip-no-key = لم تُقرأ المنطقة جيدًا بما يكفي لفتحها
detail-chip-wrong-key = لا تُفتح بما قُرئ أو كُتب
detail-chip-needs-zone = لا تُفتح إلا بالمنطقة
detail-chip-called-off = لم تُقرأ حتى النهاية
detail-chip-lost = فُقد الاتصال: اترك الوثيقة في مكانها
detail-chip-broke-off = انقطع: ضع الوثيقة من جديد
detail-chip-by-number = فُتحت الشريحة برقمها
detail-chip-differs = ما يختلف معلَّم في الجدول
detail-chip-differs-optional = تختلف البيانات الاختيارية فقط
detail-chip-offers-none = لا تتيح الشريحة ذلك
detail-chip-proven = أثبتت ذلك
detail-chip-copy = لا تحمل الشريحة مفتاح الوثيقة
detail-chip-refuses = لم تشأ الشريحة إثبات ذلك
detail-chip-ways = تتيح الشريحة طرق دخول غير التي وقّعتها دولتها
detail-chip-downgraded = فُتحت بالطريقة الأقدم مع أن الأحدث متاحة
detail-chip-clear = قُرئت بلا حماية
detail-chip-damaged = البناء ليس كما ينبغي: { $part ->
    [certificate] الشهادة
    [key] مفتاح
    [signature] الرسالة الموقّعة
    [list] قائمة
   *[other] { $part }
}
detail-chip-unsupported = ما لا يدعمه هذا الجهاز: { $part ->
    [certificate] الشهادة
    [key] مفتاح
    [signature] الرسالة الموقّعة
    [list] قائمة
   *[other] { $part }
}
detail-chip-unknown-file = ملف ليس من ملفات وثائق السفر
detail-chip-refused = رفضت الشريحة
detail-chip-protocol = خالفت الشريحة قواعد التخاطب: ضع الوثيقة من جديد
detail-chip-library = تعذر على هذا الجهاز حسابه: اتصل بالفني
detail-chip-not-read = لم يُقرأ: { $files }
detail-chip-known-defect = عيب معروف في وثائق هذه الجهة
detail-chip-hashes-changed = غُيِّرت قائمة ملفاتها بعد توقيعها
detail-chip-signature-bad = التوقيع ليس توقيع موقّع الوثيقة
detail-chip-unsigned = لم يوقّعها أحد
detail-chip-signer-absent = شهادة موقّع الوثيقة ليست في الشريحة ولا في هذا الجهاز
detail-chip-signer-purpose = شهادة الموقّع ليست لتوقيع الوثائق
detail-chip-signer-doubtful = تذكر شهادة الموقّع غرضًا ليس لموقّعي الوثائق
detail-chip-replaced = تحمل قائمة العيوب شهادة الموقّع بدل المعيبة
detail-chip-issuer-other = تسمّي { $named } مُصدِرًا، ووقّعها { $other }
detail-chip-issuer-forged = تسمّي { $named } مُصدِرًا، ومفتاحه لم يوقّعها
detail-chip-signer-early = موقّع الوثيقة صالح ابتداءً من { $day } فقط
detail-chip-signer-expired = انتهت صلاحية موقّع الوثيقة في { $day }
detail-chip-country-early = موقّع الدولة صالح ابتداءً من { $day } فقط
detail-chip-country-expired = انتهت صلاحية موقّع الدولة في { $day }
detail-chip-signed-outside = وُقّعت في { $day } خارج مدة صلاحية موقّع الوثيقة
detail-chip-validity-wrong = من المعروف أن مدة الصلاحية مكتوبة خطأً
detail-chip-country-unknown = موقّع الدولة غير معروف لهذا الجهاز
detail-chip-signer-revoked = أُلغي موقّع الوثيقة
detail-chip-country-revoked = أُلغي موقّع الدولة
detail-chip-signer-questioned = تشكك قائمة العيوب في موقّع الوثيقة
detail-chip-no-revocation-list = لا توجد قائمة إلغاء لهذه الدولة
detail-chip-revocation-overdue = كان يجب تجديد قائمة الإلغاء في { $day }
detail-chip-revocation-list = بحسب قائمة { $day }
detail-chip-weak = دالة تلبيد مكسورة: { $digest }
detail-chip-not-signed = غير موقّع: { $files }
detail-chip-unlisted = موقّع وليس في قائمة الشريحة: { $files }
detail-chip-no-files = لم تُقرأ أي مجموعة بيانات
detail-chip-no-country = شهادة الموقّع لا تذكر دولة
detail-chip-state-unknown = { $state } بلا رمز معروف من حرفين؛ والشهادة من { $country }
detail-chip-state-differs = تذكر المنطقة { $state } والشهادة من { $country }
detail-chip-deviations = ليس مبنيًا وفق المعيار حرفيًا: { $files }
detail-chip-unvouched = لا أحد معروف يضمن { $files }
detail-chip-lacks = وقّعت دولتها { $files } وليس في الشريحة
detail-chip-key-stolen = من المعروف أن مفتاحها في أيدٍ أخرى
detail-chip-not-needed = غير لازم
detail-chip-unknown-algorithm = خوارزمية لا يعرفها هذا الجهاز

# --- the questions
check-zone-present = وُجدت المنطقة
check-zone-format = صيغة المنطقة
check-zone-characters = حروف المنطقة
check-zone-evidence = توافق الصورة والقراءة
check-zone-check_digit-document_number = رقم التحقق لرقم الوثيقة
check-zone-check_digit-date_of_birth = رقم التحقق لتاريخ الميلاد
check-zone-check_digit-date_of_expiry = رقم التحقق لتاريخ الانتهاء
check-zone-check_digit-optional = رقم التحقق للرقم الشخصي
check-zone-check_digit-composite = رقم التحقق العام
check-zone-date_of_birth = تاريخ الميلاد
check-zone-date_of_expiry = تاريخ الانتهاء
check-zone-issuing_state = الدولة المصدرة
check-zone-nationality = الجنسية
check-zone-sex = الجنس
check-zone-document_validity = الصلاحية
check-zone-travel_document = وثيقة سفر
check-chip-access = الشريحة تجيب
check-chip-access-pace = الوصول إلى الشريحة عبر PACE
check-chip-access-bac = الوصول إلى الشريحة عبر BAC
check-chip-common_data = الشريحة: قائمة ملفاتها
check-chip-authenticity = الشريحة: أصلية
check-chip-conformance = الشريحة: مطابقة للمعيار
check-chip-security_object = الشريحة: ملف الأمان
check-chip-passive_authentication-signature = الشريحة: التوقيع
check-chip-passive_authentication-chain = الشريحة: موقعة من دولتها
check-chip-passive_authentication-validity = الشريحة: الشهادات صالحة
check-chip-passive_authentication-revocation = الشريحة: الموقّع غير ملغى
check-chip-passive_authentication-algorithms = الشريحة: الخوارزميات
check-chip-data_group_hashes = الشريحة: الملفات لم تُغيَّر
check-chip-issuing_state = الشريحة: الدولة المصدرة
check-chip-zone_agrees = توافق الشريحة والصفحة
check-chip-active_authentication = الشريحة ليست نسخة (نشط)
check-chip-chip_authentication = الشريحة ليست نسخة
check-page-present = وُجدت الصفحة
check-page-portrait = الصورة على الصفحة
check-page-focus = وضوح الصفحة
check-page-glare = لا انعكاس على الصفحة
check-page-resolution = دقة رؤية الصفحة
check-page-infrared_zone = المنطقة داكنة تحت الحمراء
check-page-ultraviolet_dullness = الورق معتم فوق البنفسجية
check-page-visual_zone-document_number = رقم الوثيقة المطبوع
check-page-visual_zone-date_of_birth = تاريخ الميلاد المطبوع
check-page-visual_zone-date_of_expiry = تاريخ الانتهاء المطبوع
check-page-visual_zone-name = الاسم المطبوع
check-page-visual_zone-nationality = الجنسية المطبوعة
check-page-visual_zone-sex = الجنس المطبوع
check-face-live = الوجه أمام الكاميرا
check-face-reference = الوجه في الوثيقة
check-face-printed = الصورة المطبوعة مقابل صورة الشريحة
check-face-match = مقارنة الوجهين
check-face-skipped = قورن الوجه بالعين
check-search-documents = الوثائق المدرجة
check-search-persons = الأشخاص المدرجون
check-search-faces = الوجوه المدرجة
check-search-edition = عمر القائمة

# --- the technician's pages
technician-title = الفني
standing-no-key = ليس لهذا الجهاز مفتاح بعد: سجّله أولاً.
standing-never = لم يُعايَر قط: تُقرأ الصور كما هي.
standing-calibrated = عُويِر في { $made }، ويُعاد في { $due }.
standing-distrusted = المعايرة غير موثوقة: تبقى فحوص الصفحة مفتوحة.
verdict-green = ضمن الحد المسموح
verdict-amber = ينحرف: راقبه
verdict-red = خارج الحد المسموح
step-focus = ضبط البؤرة
step-geometry = الهندسة
step-lamps = المصابيح
step-colour = اللون
step-inks = الأشعة تحت الحمراء وفوق البنفسجية
step-zone = قراءة المنطقة
step-faces = كاميرا الوجه
step-golden = المسح المرجعي
step-optional = (يمكن للجهاز الاستغناء عنه)
place-focus-sheet = ضع ورقة البؤرة على الزجاج ووجهها المطبوع إلى أسفل، وأغلق الغطاء.
place-board-held = أمسك رقعة المربعات فوق الزجاج بعرض كف، مائلة، وكل مرة باتجاه آخر؛ يجب أن تُرى كلها.
place-board-flat = ضع رقعة المربعات مسطحة على الزجاج، وأغلق الغطاء.
place-white-sheet = غطِّ الزجاج كله بورقة بيضاء نظيفة، وأغلق الغطاء.
place-patches = ضع لوحة الألوان الأربعة والعشرين على الزجاج، وأغلق الغطاء.
place-infrared-card = ضع بطاقة الأشعة تحت الحمراء على الزجاج، وأغلق الغطاء.
place-ultraviolet-card = ضع بطاقة الأشعة فوق البنفسجية على الزجاج، وأغلق الغطاء واتركه مغلقاً.
place-specimen = ضع وثيقة نموذجية على الزجاج، وأغلق الغطاء.
place-face-near = أمسك لوحة الوجه قائمة على بعد ٤٠ سم من كاميرا الوجه.
place-face-middle = أمسك لوحة الوجه قائمة على بعد ٦٠ سم من كاميرا الوجه.
place-face-far = أمسك لوحة الوجه قائمة على بعد ١٠٠ سم من كاميرا الوجه.
place-sheet-in-lid = أزل كل شيء عن الزجاج، وأغلق الغطاء.
shot-white = تحت الضوء الأبيض
shot-dark = وكل المصابيح مطفأة
shot-infrared = تحت الأشعة تحت الحمراء
shot-ultraviolet = تحت الأشعة فوق البنفسجية
shot-view = ممسوكة مائلة (ست صور أو أكثر)
shot-flat = موضوعة على الزجاج
shot-40 = على بعد ٤٠ سم
shot-60 = على بعد ٦٠ سم
shot-100 = على بعد ١٠٠ سم
burning-white = المصباح الأبيض
burning-infrared = مصباح الأشعة تحت الحمراء
burning-ultraviolet = مصباح الأشعة فوق البنفسجية
taking-warming = يسخن: { $lamp }
taking-resting = يستريح مصباح الأشعة فوق البنفسجية بضع ثوانٍ
taking-lamp = التقاط الصور: { $lamp }
taking-dark = التقاط صورة وكل المصابيح مطفأة
taking-pictures = يجري التقاط الصور؛ اترك كل شيء كما هو
took-step = { $step }: { $verdict }
took-more = { $step }: التُقطت؛ والصورة التالية مطلوبة أدناه.
took-drift = مسح الانحراف: { $verdict }
took-failed = تعذّر القياس: { $why }
pictures-take = التقط الصور
pictures-send = أرسل صوراً بدلاً من ذلك
pictures-undecoded = تعذّرت قراءة الصور.
measure = قِس
views-of = { $taken } من { $wanted }
specimen-lines = أسطر منطقتها كما طُبعت
specimen-lines-missing = اكتب أولاً أسطر منطقة الوثيقة النموذجية.
glass-taken = يجري التقاط صور بالفعل، أو ليس لهذا الجهاز كاميرا.
drift-title = مسح الانحراف اليومي
drift-take = امسح الآن
drift-history = آخر { $count } من عمليات المسح: كم بلغ أسوأ رقم من الحد الأحمر؛ الخط هو الحد.
calibration-title = المعايرة
report-save = التقرير (HTML، للطباعة)
figure-name = القياس
figure-measured = المقيس
figure-tolerance = الحد المسموح
figure-not-measured = لم يُقَس
tolerance-between = { $low } إلى { $high }
tolerance-drift = ▲ فوق ± { $amber }، ◆ فوق ± { $red }
figure-evenness_as_taken = الانتظام كما التُقط
figure-evenness = الانتظام بعد التصحيح
figure-level = السطوع
figure-clipped = الجزء المفرط التعريض
figure-leak = ضوء دخيل
figure-hue = لون الضوء
figure-dust = الغبار
figure-glow = توهج المربع الأيمن
figure-dull = سطوع المربع الأيسر
figure-carbon = حبر الكربون يبقى داكنًا
figure-vanishing = الحبر الآخر يختفي
figure-focus = الحدة مقارنة بالمرجع
figure-shift = الإزاحة
figure-scale = المقياس
figure-picture_size = حجم الصورة
figure-sheet = ورقة الغطاء
figure-mtf50 = الحدة (MTF50)
figure-place-centre = الوسط
figure-place-upper_left = أعلى اليسار
figure-place-upper_right = أعلى اليمين
figure-place-lower_left = أسفل اليسار
figure-place-lower_right = أسفل اليمين
figure-place-least = الأدنى
figure-specimens = العينات
figure-readings = القراءات
figure-readings_of_each = قراءات كل منها
figure-characters_wrong = الحروف الخاطئة
figure-eyes = من عين إلى عين على { $cm } سم
figure-rms = خطأ الزوايا (RMS)
figure-dpi = الدقة
figure-isotropy = العرض مقابل الطول
figure-views = لقطات اللوحة
figure-focal_across = البعد البؤري عرضًا
figure-focal_down = البعد البؤري طولًا
figure-de00_mean_as_taken = خطأ اللون كما التُقط، المتوسط (ΔE00)
figure-de00_mean = خطأ اللون، المتوسط (ΔE00)
figure-de00_max = خطأ اللون، الأكبر (ΔE00)
figure-balance_red = توازن الأبيض، أحمر
figure-balance_blue = توازن الأبيض، أزرق
remedy-evenness = نظّف الزجاج والورقة؛ قوّم المصباح؛ والمصباح الذي يبقى غير منتظم يُستبدل
remedy-exposure = اضبط التعريض أو سطوع المصباح
remedy-clipped = قصّر التعريض: ما احترق ضوؤه لا يُقاس
remedy-leak = أغلق الغطاء؛ ظلّل القارئ من الشمس؛ افحص حافة الغطاء
remedy-lens = أدر العدسة حتى يتوقف الرقم عن الزيادة ثم ثبّتها؛ نظّف الزجاج؛ وإن كانت زاوية واحدة باهتة فالكاميرا مائلة
remedy-specimen = ضع عينة
remedy-ten = التقط عشر صور لكل عينة
remedy-reading = أعد ضبط الحدة والمصابيح؛ نظّف الزجاج؛ انظر إلى الصور بالأمر mpaka page --draw
remedy-ultraviolet = هل مصباح الأشعة فوق البنفسجية مضاء؟ نظّف مرشحه؛ ضع ورق مكتب جديدًا على المربع الأيمن
remedy-violet = يصل ضوء بنفسجي إلى الكاميرا: افحص المرشح أمام العدسة؛ أغلق الغطاء
remedy-infrared = هل مصباح الأشعة تحت الحمراء مضاء، وهل المرشح أمام العدسة هو الصحيح؟
remedy-visible = يصل ضوء مرئي إلى الكاميرا تحت الأشعة تحت الحمراء: أغلق الغطاء وافحص طول موجة المصباح (870 إلى 940 nm)
remedy-face-camera = استخدم دقة الكاميرا الكاملة أو عدسة ذات بعد بؤري أطول
remedy-askew = الكاميرا مائلة أو اللوحة غير مستوية: ثبّت الكاميرا واضغط اللوحة على الزجاج والتقط الصور من جديد
remedy-board = ألصق اللوحة على صفيحة صلبة، وأمسكها ثابتة، والتقط الصور من جديد
remedy-nearer = قرّب الكاميرا من الزجاج أو استخدم عدسة ذات بعد بؤري أطول
remedy-colour = دع المصابيح تسخن، وأغلق الغطاء، واستخدم لوحة ألوان مقيسة مع جدولها؛ والمصباح الأبيض الذي تغيّر لونه يُستبدل
remedy-size = تعطي الكاميرا صورة بحجم آخر: أعدها كما كانت أو عايِر من جديد
remedy-no-picture = لم تُلتقط صورة تحت هذا المصباح
remedy-soft = نظّف الزجاج والعدسة؛ ثم أعد ضبط الحدة
remedy-seat = تحركت الكاميرا: ثبّتها واربطها، ثم أعد الهندسة والمسح المرجعي
remedy-scan = أغلق الغطاء وأزل كل شيء عن الزجاج وامسح من جديد
remedy-warm = دع المصباح يسخن وامسح من جديد؛ نظّف الزجاج؛ والمصباح الذي خفت يُستبدل
remedy-hue = تغيّر لون المصباح: دعه يسخن؛ أعد الألوان؛ استبدل المصباح
remedy-wipe = امسح الزجاج وورقة الغطاء بقطعة قماش جافة
remedy-press = ورقة الغطاء غير مضغوطة على الزجاج، أو تحركت العدسة بعد ضبط الحدة
trouble-target = لا يُرى الهدف كما ينبغي. ضعه كما تقول التعليمات والتقط الصورة من جديد.
trouble-camera = لا تعطي الكاميرا صورة صالحة: افحص كابلها.
trouble-board = مصباح أو مفتاح لا يستجيب: الأمر mpaka doctor يقول أيها.
trouble-moved = تحرك أو انطفأ مصباح: أبقه ثابتًا والتقط الصورة من جديد.
trouble-unsteady = ضوء المصباح لا يستقر: أغلق الغطاء وظلّل القارئ؛ والمصباح المتذبذب يُستبدل.
trouble-too-few-views = تُرى اللوحة كاملة في { $seen } صور؛ والمطلوب { $least }.
trouble-session = لا تمكن قراءة ما قيس حتى الآن: ابدأ الجلسة من جديد.
trouble-not-ready = لم يُوقَّع. ناقص أو خارج الحدود أو قيس منذ زمن: { $steps }
trouble-file = لا تمكن قراءة ملف أو كتابته: هل القرص ممتلئ؟
trouble-program = جزء من البرنامج مفقود أو معطوب: شغّل mpaka doctor.
distrust-file = ملف المعايرة تالف أو لا يُقرأ: عايِر الجهاز.
distrust-newer = وقّع المعايرة برنامج أحدث: ثبّته أو عايِر الجهاز.
distrust-foreign = المعايرة ليست موقّعة من هذا الجهاز: عايِره.
distrust-expired = كانت المعايرة صالحة حتى { $day }: عايِر الجهاز.
distrust-future = المعايرة بتاريخ { $day }، بعد اليوم: اضبط الساعة.
distrust-drifted = انحرف الجهاز منذ معايرته: نظّف وثبّت وامسح من جديد؛ وإلا عايِر من جديد.
sign-profile = وقّع الملف
signed-until = ✓ موقّع حتى { $day }
