//! The words that names are made of, as lists: titles, particles, common names in their spellings, short forms.
//!
//! All from public knowledge of names. Words are in lower-case Latin without marks, or in Arabic
//! script with its letters in one spelling (`script::arabic::plain`).

/// Titles and forms of address.
pub(super) const TITLES: &str = "dr mr mrs ms miss mister prof professor sheikh shaikh shaykh sheik cheikh shekh sheekh shiekh hajiya \
hajjah ustadz ustadhah molvi molavi moulavi maulavy mawlavi mowlavi mowlawi mullah mulla molla mollah mullo maulvi maulavi mawlawi moulavi maulana mawlana moulana ustaz \
ustad ustadh ayatollah ayatullah hojatoleslam gen col colonel maj capt captain lt lieutenant brig \
brigadier sgt cmdr commander admiral eng engr ing hon honourable honorable rev reverend sir lord \
lady dame monsieur madame mme senor senora sr jr junior senior ii iii iv esq phd md bwana mzee bibi \
mwalimu ndugu ato weyzero weizero woizero wro chief pastor father brother sister saint effendi aka \
alias nee na unknown fnu lnu شيخ الشيخ حاج الحاج سيد دكتور الدكتور ملا مولوي قاري حافظ";

/// Titles that are also names.
pub(super) const SOFT_TITLES: &str = "hajj haji hajji hadji alhaj alhaji elhadj sayyid sayyed sayed seyed syed sayid seyyed saiyid sayeed \
qari hafiz imam king queen prince princess general major bishop bey pasha mirza";

/// Articles, and particles of surnames.
pub(super) const ARTICLES: &str = "al el ul ur ud la les las los de del della dela di da dos das du des der den dem von van vom zu zum \
zur ter ten y";

/// "Son of", "daughter of".
pub(super) const CHILD_OF: &str = "bin ben ibn bint binti bent binte binat bn ould wuld wald walad weld mint ait wa arap ap wad بن ابن بنت ولد";

/// "Servant of", in the spellings it has.
pub(super) const SERVANT: &str = "abd abdul abdel abdal abdol abdool abdoul abdur abdar abder abdus abdas abdes abdud abdad abdun abdan abdut cabdul عبد";

/// "Father of", "mother of".
pub(super) const KUNYA: &str = "abu abou aboo ebu um umm oum umu ابو ام ابي";

/// Legal forms of companies.
pub(super) const LEGAL: &str = "ltd limited inc incorporated corp corporation co company llc llp lp plc ag gmbh sa srl spa sarl bv nv ab as oy oyj kg kgaa se \
oao ooo zao pao ojsc jsc cjsc pjsc pte pty pvt sdn bhd kk sro doo ano ооо оао зао";

/// Small words of company names.
pub(super) const FILLERS: &str = "the of and for";

/// Surnames (in Burma: forms of address and common parts) of languages whose names are made of syllables.
pub(super) const SYLLABLE_SURNAMES: &str = "kim ri lee rhee yi pak park bak choe choi ch'oe jo cho jong chong jung jeong kang gang han yun yoon jang chang \
son hwang o oh paek baek an ahn sin shin song kwon ryu yu yoo im rim lim no ro hong ko go mun moon yang chon jon \
chen zhang wang li liu huang lin wu zhao zhou xu sun ma zhu hu guo he gao luo chan wong cheung lau leung ng tan \
nguyen tran le pham hoang phan vu vo dang bui do ngo duong win htun tun aung thein thet khin maung myint kyaw zaw naing";

/// Common given names of one origin in the spellings they have. First the weight of the name as
/// evidence (1 is a rare name), then its spellings. Two words of different lines are two names,
/// however alike they look.
pub(super) const NAMES: &str = "\
0.45 muhammad mohammad mohammed mohamed mohamad mohamet muhammed muhamed muhamad mahamed mahammed mahamad mohamud mohammadi muhammadi maxamed maxamad mouhamad mouhamed mouhammad mohd mhd muhd mohamedi muhamadi mehmet mehmed mochamad mochammad muchammad magomed maghomed магомед мухаммад محمد
0.6 mahmud mahmoud mahmood mehmood mehmud makhmud maxamuud mahamoud mahamud محمود
0.55 ahmad ahmed ahmet achmad achmed akhmed akhmad axmed ahamed ahmadi ehmed احمد
0.7 hamid hameed hamed hamidi حميد حامد
0.75 hamad hamd حمد
0.55 ali aly ally cali alli علي
0.6 hassan hasan hassane hasson xasan hasani hassani hacene حسن
0.6 hussein hussain husain husayn hossein hosein hussien husein hosain hossain houssein huseyin hussayn hassine houcine hocine xuseen huseini husseini khusein hoseyn حسين
0.65 umar omar oumar omer cumar omari amor omor umer عمر
0.65 uthman othman osman usman ousmane cismaan athumani othmane ottman usmaan uthmaan osmaan عثمان
0.65 ibrahim ebrahim ibraheem ibrahima ibraahim brahim ibrahimi ibrahimu abraham ابراهيم abreham abrham
0.65 ismail ismael esmail ismaail esmaeil ismaili ismaciil esmaili smail اسماعيل
0.65 yusuf yousef youssef yousuf yusef yusif yousif joseph jusuf yusufu yuusuf youcef yosef yosif youssouf yussuf يوسف
0.65 abdullah abdallah abdulla abdalla abdillah abdoulaye abdellah cabdulle cabdullaahi abdullahi abdolla عبدالله
0.7 yaqub yaqoub yacoub yakub jacob yaqoob yacub yaakov yakoub yaquub يعقوب yakobo
0.7 sulayman suleiman sulaiman soleiman soliman suleyman selemani suleimani suleman saleban saleebaan slimane souleymane sulaymaan سليمان solomon selemon
0.7 dawud dawood daud davud dawoud daoud davood daawuud داود داوود daudi dawit david
0.7 musa mousa moussa musah mussa moosa muse muuse موسي موسى
0.7 isa issa eissa essa ciise eisa عيسي عيسى
0.7 said saeed saiid saeid sayeed saidi siciid saad'id seid sa'id saied سعيد
0.75 saad sad saed saadi سعد
0.65 salim saleem selim salem saalim salimu salum salem سالم سليم
0.65 salih saleh salah saalax swaleh salehe salleh saalih صالح
0.8 salahuddin salahudin salaheddin صلاح
0.7 khalid khaled khaalid khalidi kalid خالد
0.75 khalil khaleel kalil خليل
0.75 khalifa khalifah khalifeh khaliifa خليفه
0.7 kamal kamaal kemal kamel kamil كمال كامل
0.7 jamal gamal djamel jamaal jemal cemal jamel djamal جمال
0.8 jamil jameel gamil djamil جميل
0.7 karim kareem karem karimu كريم
0.7 rashid rasheed rachid rashed raashid rashidi رشيد راشد
0.7 rahman rehman rahmaan rahmani رحمن
0.75 rahim raheem rahiim rahimi رحيم
0.7 aziz azeez aziiz azizi عزيز
0.75 latif lateef latiif لطيف
0.75 nasir naser nasser naasir nassir nasr nasiri nassor ناصر نصر
0.75 nazir nadhir nazeer نذير
0.75 tariq tarek tarik tareq tariik طارق
0.75 mustafa mostafa moustafa mustapha mustafe mustafah mostapha moustapha musthafa مصطفي مصطفى
0.8 murtaza morteza murtada murtadha mortaza مرتضي مرتضى
0.75 mansur mansour mansoor manssor منصور
0.75 marwan maruan merwan مروان
0.7 hamza hamzah hamzeh xamse hamsa حمزه
0.75 harun haroun haroon aaron haruna هارون
0.75 idris idriss edris driss idrissa idiris ادريس
0.75 ilyas elias ilias eliyas ilyaas الياس
0.75 imran emran imraan emraan عمران
0.75 iqbal ikbal eqbal اقبال
0.75 jafar jaafar jaffar djafar gafar jaffer جعفر
0.75 bilal belal bilaal bilali بلال
0.7 abubakar abubakr abubaker aboubacar boubacar bakari abuubakar ebubekir
0.75 bakr bakar baker bekir بكر
0.75 adil adel aadil عادل
0.7 amin ameen amiin امين
0.7 amir ameer emir امير
0.75 amr amro
0.75 anwar anwer anouar anvar enver انور
0.75 ashraf achraf eshref اشرف
0.75 asad assad esad asaad اسد
0.75 ayman aiman aymen ايمن
0.75 badr bader بدر
0.75 bashir basheer bachir beshir bashiir بشير
0.75 bashar bachar بشار
0.75 faisal faysal feisal fayçal faycal feysal faical فيصل
0.75 farid fareed ferid فريد
0.75 farah faarax farax فرح
0.75 faruq farouk farooq faruk farouq faaruuq فاروق
0.75 fuad fouad fuaad fouaad فواد
0.75 habib habeeb habibi حبيب
0.75 hakim hakeem hakiim حكيم
0.75 haidar haydar heydar hyder haider hayder حيدر
0.75 hashim hashem hachem haashim هاشم
0.75 mahdi mehdi mahdy mehdy المهدي مهدي
0.75 majid majeed maged madjid mejid ماجد مجيد
0.75 munir mounir moneer monir muniir منير
0.75 murad mourad morad مراد
0.75 nabil nabeel نبيل
0.75 naji nagi najee ناجي
0.75 najib najeeb nagib nejib نجيب
0.7 nur noor nour nuur noer nuri نور
0.75 qasim kassim kasim qassem qasem kassem ghasem gassem kasem qaasim قاسم kassimu
0.75 rajab rajabu ragab rejeb rageb رجب
0.75 ramadan ramadhan ramazan ramadhani ramzan ramadane رمضان
0.75 rida reza raza ridha redha riza رضا
0.75 sadiq sadegh sadeq sadik sadeeq صادق
0.75 samir sameer samiir سمير
0.75 samara
0.75 sami samy سامي
0.75 sharif shareef sherif cherif sharifu شريف
0.75 shaban shabani shaaban chaabane shabaan شعبان
0.75 tahir taher tahar dahir taahir طاهر
0.75 walid waleed oualid waliid وليد
0.75 yahya yehia yahia yahye yahyaa yehya يحيي يحيى
0.75 yasin yassin yaseen yassine yasiin yacine ياسين
0.75 yasir yasser yaser yassir ياسر
0.75 yunus younis yunis younes younus jonus yonis yoonus يونس
0.75 zaid zayd zeid zayed زيد
0.75 zakariya zakaria zakariyya zekeriya zachariah zakarya zakariah زكريا
0.7 fatima fatma fatuma fatimah faadumo faduma fatoumata fatemeh fathima فاطمه
0.75 aisha ayesha aicha aysha caasho asha aishah aysa عايشه عائشه
0.75 khadija khadijah khadidja khadeeja xadiijo hadija hatice خديجه
0.75 zainab zaynab zeinab zeynep zainabu seynab zineb zaineb زينب
0.75 maryam mariam meriem maryan maryama miriam mariamu مريم
0.75 halima halimah xaliimo halimo حليمه
0.75 amina aminah aamina amino امينه
0.8 juma jumaa jumah jumma juma'a جمعه
0.8 khamis hamisi khamisi khemais خميس
0.8 mwangi
0.8 otieno
0.8 wanjiru
0.75 warsame warsaame
0.75 jama jaamac jamac jaama جامع
0.75 farhan farxan ferhan فرحان
0.65 abdi cabdi abdo abdu
0.8 haile
0.8 tesfaye tesfay tesfai
0.8 gebre gabre ghebre
0.6 khan khaan خان
0.6 shah شاه
0.6 jan جان
0.6 agha aga اغا
0.7 gul گل كل
0.55 akhund akhond akhound akund اخوند
0.7 akhundzada akhundzadeh
0.75 wali valy wally ولي
0.75 qadir kader qader kadir gader qaadir قادر
0.75 rauf raouf raoof رووف رؤوف
0.75 ghani gani عبدالغني غني
0.75 hadi هادي
0.75 hafez hafizh
0.75 haq haqq hak hagh حق
0.75 haqqani haqani haghani حقاني
0.75 hanafi hanifi حنفي
0.75 jalal jelal galal djalal jallal جلال
0.75 akbar ekber اكبر
0.75 asghar اصغر
0.75 akhtar اختر
0.75 zahir zaher thahir ظاهر زاهر
0.75 sultan soltan sultaan سلطان
0.75 saif sayf seif سيف sefu
0.75 shams chams شمس
0.75 fayz faiz faid فيض
0.75 fazl fazal fadl fadhl فضل
0.75 fadil fadhil fazil فاضل
0.75 aref arif عارف
0.75 asif asef اصف آصف
0.75 nik neek نيك
0.75 dost دوست
0.75 mir مير
0.55 kim
0.55 ri rhee
0.55 li lee
0.55 pak park
0.55 choe choi
0.55 nguyen
0.6 jose
0.6 maria marie mary mariya
0.6 juan
0.65 carlos
0.65 luis
0.6 john johnny
0.6 jean
0.65 garcia
0.65 rodriguez rodrigues
0.65 martinez martines
0.65 hernandez hernandes
0.65 gonzalez gonzales
0.65 lopez lopes
0.65 perez peres
0.65 sanchez sanches
0.65 ramirez
0.65 torres
0.65 singh
0.65 kumar
0.65 ivanov
0.65 vladimir wladimir uladzimir volodymyr
0.65 aleksandr alexander alexandr oleksandr aliaksandr aleksander alexandre alejandro iskander
0.65 sergey sergei serhiy serhii sergej siarhei sergiy siarhey sergio
0.65 dmitry dmitriy dmitri dmytro dzmitry dimitri
0.65 andrey andrei andriy andrii andrej andrew andreas
0.65 mikhail michael mykhailo mikhael mihail mikhayil miguel michel mikaeli mikael
0.65 nikolai nikolay mykola mikalai nikolaj nicholas nicolas nikolaos
0.7 yuri yury yuriy iurii iouri yurii
0.7 viktor victor viktar
0.7 igor ihor ihar
0.7 oleg oleh aleh
0.7 evgeny yevgeny evgeniy yevgeniy evgenii yevhen eugene yauheni
0.7 pavel pavlo paul pablo paulo paolo paulos
0.7 petr pyotr petro peter piotr pedro pierre petros
0.7 ivan iwan
0.7 natalia natalya natallia nataliya natalja
0.7 irina iryna iryina
0.7 elena yelena olena alena helena
0.7 svetlana svitlana sviatlana
0.7 grigory grigoriy hryhoriy gregory
0.7 gennady gennadiy hennadiy henadz gennadi
0.7 konstantin kostyantyn constantin kanstantsin konstantinos
0.7 vasily vasiliy vasyl vasili basil
0.7 maksim maxim maksym
0.7 aleksei alexei aleksey alexey oleksiy aliaksei oleksii alexis
0.7 anatoly anatoliy anatoli anatolii
0.7 vyacheslav viacheslav vjaceslav
0.7 stefan stephen steven stephan esteban stefano steve stefanos estifanos
0.7 francisco francesco francis franz
0.7 jorge george georges georg giorgio yorgos giorgis giyorgis giorgios georgios yiorgos ghiorghis
0.7 friedrich frederick fredrik friederich frederic federico
0.75 guleed guled
0.75 xirsi hirsi
0.75 geedi gedi
0.75 cawad awad awadh عوض
0.75 liban liiban
0.75 samatar samantar
0.75 sahra sahro zahra zahara zehra zohra zahrah زهرا زهره
0.75 nimco nimo nimca
0.75 raxmo rahmo rahma raxma رحمه
0.75 hawa xawa xaawo hawo hawwa
0.75 macallin macalin moalim moallim maalim mualim mu'allim معلم
0.75 ayaan ayan
0.75 hodan xodan
0.75 mubarak mbarak mbarouk mbaruk mobarak mubaarak moubarak مبارك
0.75 zubair zubeir zuberi zubayr zoubeir zobair زبير
0.75 masoud masud masood massoud masuud maswud mas'ud مسعود
0.75 ubaid obaid obeid abeid ubayd obayd عبيد
0.75 salman salmaan سلمان
0.75 hemed hemedi
0.7 samuel samweli samwel samueel
0.7 daniel danieli danyal daniyal danial دانيال
0.7 philip filipo philipp phillip filip felipe filippos philippe
0.7 thomas tomasi tomas tommaso thoma
0.7 gabriel gabrieli jibril jibreel jibriil gabriele جبريل
0.7 rachel raheli rahel raquel
0.7 esther ester estheri
0.7 martha marta
0.7 rebecca rebeka rivka
0.7 isaac isaak ishaq ishak isxaaq itzhak yitzhak yitzchak isaq isak اسحاق اسحق
0.7 moshe moses moise moises
0.7 sarah sara saara saraah ساره
0.7 isaiah isaya isaias isayas
0.7 yohannes yohanes johannes yohanis yohana ioannis giannis yannis
0.75 dimitrios dimitris
0.75 athanasios thanasis
0.75 panagiotis
0.75 tekle takle tekele
0.75 wolde welde walde woldu
0.75 tadesse taddese tadese taddesse tadesa
0.75 bekele beqele
0.75 mekonnen mekonen makonnen mekonin
0.75 birhanu berhanu birhane berhane
0.75 tsegaye tsegay tsegai
0.75 alemayehu alemayhu
0.75 mengistu mengisto
0.75 getachew getacho
0.75 kidane kidan
0.75 hiwot hiwet
0.75 afewerki afwerki
0.75 girma
0.75 kebede
0.75 abebe
0.75 hailu
";

/// Short forms: first the full name, then what it is shortened to.
pub(super) const SHORT_FORMS: &str = "\
alexander alex sasha sascha sandy alec lex
abdullah abdi abdu abdo
anthony tony
antonio tono toni
barack barry
benjamin ben benny bibi benji
charles charlie chuck carl
christopher chris kit
daniel dan danny
david dave davy
dmitry dima mitya
donald don donnie
edward ed eddie ted ned
elizabeth liz beth betty lisa eliza bess lizzie
emmanuel manu manny
evgeny zhenya
francis frank frankie
francisco paco pancho paquito
frederick fred freddy freddie
gerald gerry jerry
gregory greg
guadalupe lupe
henry harry hank
ibrahim ibra ibro
ignacio nacho
ivan vanya
jacob jake
james jim jimmy jamie
jesus chuy chucho
john jack johnny jon
jonathan jon jonny
jose pepe chepe
joseph joe joey
katherine kate katie kathy cathy
kenneth ken kenny
lawrence larry
leonard leo len lenny
manuel manolo
margaret maggie meg peggy
matthew matt
mohammed mo hamada moha
michael mike mick mikey misha mickey
nikolai kolya
rafael rafa rafi
muhammad moe
nicholas nick nico nicky niko nikos
patrick pat paddy
patricia pat patty patti tricia
pavel pasha
peter pete
philip phil
raymond ray
richard dick rick ricky rich
robert bob rob bobby robbie bert
ronald ron ronnie
samuel sam sammy
sergey seryozha
stephen steve
suleiman sule
susan sue susie
theodore ted teddy theo
thomas tom tommy
timothy tim
victor vic
viktor vitya
vladimir vova volodya vlad
walter walt
william bill billy will willy liam
yuri yura
rosario chayo
eduardo lalo
enrique kike quique
alberto beto
roberto beto
gilberto beto
luis lucho
fernando nando
ricardo rico
santiago chago
margarita rita
grace wambui
alexandra sasha sandra
anna anya annie nyura
tatiana tanya
natalia natasha
ekaterina katya
olga olya
ludmila lyuda mila
elena lena
svetlana sveta
konstantin kostya
gennady gena
leonid lyonya
boris borya
anatoly tolya tolik
aleksei alyosha lyosha
andrey andryusha
stanislav stas slava
vyacheslav slava
yaroslav slava
vitaly vitalik
valery valera
grigory grisha
petr petya
arkady arkasha
guillermo memo
refugio cuca
consuelo chelo
dolores lola
mercedes meche
gregorio goyo
salvador chava
vicente chente
arturo turo
ernesto neto
isabel chabela
guadalupe lupita
alfredo fredo
andrew andy drew
arthur art
barbara barb babs
catherine cathy kate cat
christine chris tina
deborah deb debbie
dorothy dot dottie
eugene gene
eleanor ellie nell nora
frances fran
gabriel gabi gabe
harold hal
jacqueline jackie
janet jan
jeffrey jeff
jennifer jen jenny
joshua josh
kimberly kim
martin marty
nathaniel nate nat
pamela pam
rebecca becky
sandra sandy
stanley stan
timothy timmy
veronica ronnie
vincent vince vinnie
virginia ginny
zachary zach zack
mustafa musti
yusuf yusufi
elijah eli
josephine josie
";
