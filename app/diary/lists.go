package diary

import (
	"slices"
	"strings"
	"sync"
)

// List is words that are suggested while somebody types. A list only suggests: what is
// typed is kept as it was typed, and gains a code where the list has it.
//
// The lists were written for this wallet. They hold what families in India are told most
// often, with codes of
//   - SNOMED CT (International Edition; the concepts of the Global Patient Set and those of
//     HL7's own examples where they have one) for allergens, reactions and conditions,
//   - CVX of the Centers for Disease Control and Prevention, which is in the public domain,
//     for vaccines: those of India's Universal Immunization Programme first, in the order in
//     which children get them (Ministry of Health and Family Welfare, National Immunization
//     Schedule),
//   - ATC of the WHO Collaborating Centre for Drug Statistics Methodology for medicines: the
//     substance in the form in which it is mostly taken.
//
// A name without a code is a name that those systems have no single code for, or one that
// families use for more than one thing: no list adds a diagnosis that nobody gave.
type List string

// Lists.
const (
	Allergens  List = "allergens"
	Reactions  List = "reactions"
	Conditions List = "conditions"
	Vaccines   List = "vaccines"
	Medicines  List = "medicines"
)

// suggestion is one line of a list.
type suggestion struct {
	name, hindi string // as they are offered
	code        string // "" none
	display     string // the name in the code system
	group       string // of an allergen: FHIR's category; of a vaccine: when it is due
	others      []string
}

func (l List) system() string {
	switch l {
	case Vaccines:
		return cvx
	case Medicines:
		return atc
	}
	return snomed
}

// Names are what a list suggests, in English and, where hindi is asked for, in Hindi
// before it.
func (l List) Names(hindi bool) []string {
	var names []string
	for _, s := range l.read() {
		if hindi && s.hindi != "" {
			names = append(names, s.hindi)
		}
		names = append(names, s.name)
	}
	return names
}

// find is the line whose name, in any script or spelling, was typed.
func (l List) find(typed string) (suggestion, bool) {
	typed = folded(typed)
	if typed == "" {
		return suggestion{}, false
	}
	for _, s := range l.read() {
		if folded(s.name) == typed || folded(s.hindi) == typed || folded(s.display) == typed || slices.Contains(s.others, typed) {
			return s, true
		}
	}
	return suggestion{}, false
}

// folded is a name as it is compared: small letters, one space between words.
func folded(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }

// read is the lines of a list, taken apart when they are first wanted.
func (l List) read() []suggestion { return lists[l]() }

var lists = map[List]func() []suggestion{Allergens: table(allergens), Reactions: table(reactions), Conditions: table(conditions),
	Vaccines: table(vaccines), Medicines: table(medicines)}

// table takes lines apart: name | Hindi | code | name in the code system | group | other
// names.
func table(text string) func() []suggestion {
	return sync.OnceValue(func() (all []suggestion) {
		for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
			f := append(strings.Split(line, "|"), "", "", "", "", "")
			s := suggestion{name: f[0], hindi: f[1], code: f[2], display: f[3], group: f[4]}
			for _, other := range strings.Split(f[5], ",") {
				if other != "" {
					s.others = append(s.others, folded(other))
				}
			}
			if s.display == "" {
				s.display = s.name
			}
			all = append(all, s)
		}
		return all
	})
}

const allergens = `
Penicillin|पेनिसिलिन|764146007||medication
Amoxicillin|एमोक्सिसिलिन|372687004||medication
Sulfa medicines|सल्फा दवा|387406002|Sulfonamide|medication|sulfa,sulfonamide,sulpha
Aspirin|एस्पिरिन|387458008||medication
Ibuprofen|आइबुप्रोफेन|387207008||medication|brufen
Diclofenac|डाइक्लोफेनाक|7034005||medication
Paracetamol|पैरासिटामोल|387517004||medication|acetaminophen
Ciprofloxacin|सिप्रोफ्लोक्सासिन|372840008||medication
Metronidazole|मेट्रोनिडाजोल|372602008||medication
X-ray contrast|एक्स-रे की डाई|426722004|Iodinated contrast media|medication|contrast,dye
Peanut|मूँगफली|762952008||food|groundnut
Nuts|मेवे|13577000|Nut|food
Milk|दूध|3718001|Cow's milk|food|cow milk
Egg|अंडा|102263004|Eggs (edible)|food|eggs
Wheat|गेहूँ|412071004||food
Fish|मछली|227037002|Fish - dietary|food
Shellfish|झींगा, केकड़ा|735029006||food|prawns,shrimp
House dust mite|धूल के कीड़े|260147004||environment|dust,dust mite
Pollen|पराग|256259004||environment
Latex|रबर (लेटेक्स)|111088007||environment|rubber
Bee venom|मधुमक्खी का डंक|288328004||environment|bee,bee sting
Cat|बिल्ली|||environment
Dog|कुत्ता|||environment
`

const reactions = `
Itching|खुजली|418363000|Itching of skin
Rash|दाने|271807003|Eruption of skin|
Hives|पित्ती|126485001|Urticaria||urticaria
Swelling|सूजन
Angioedema||41291007
Trouble breathing|साँस लेने में तकलीफ|267036007|Dyspnea||breathlessness
Wheezing|साँस में सीटी|56018004
Vomiting|उल्टी|422400008
Diarrhoea|दस्त|62315008|Diarrhea||diarrhea,loose motions
Stomach pain|पेट दर्द|21522001|Abdominal pain
Fainting|बेहोशी|271594007|Syncope||collapse
Anaphylaxis|जानलेवा एलर्जी|39579001|||anaphylactic shock
`

const conditions = `
High blood pressure|हाई ब्लड प्रेशर|38341003|Hypertensive disorder, systemic arterial||hypertension,bp,high bp
Diabetes (type 2)|शुगर (टाइप 2)|44054006|Diabetes mellitus type 2||type 2 diabetes,diabetes type 2,t2dm
Diabetes (type 1)|शुगर (टाइप 1)|46635009|Diabetes mellitus type 1||type 1 diabetes,t1dm
Diabetes|शुगर की बीमारी|73211009|Diabetes mellitus||sugar
Thyroid, underactive|थायराइड कम|40930008|Hypothyroidism||hypothyroidism
Thyroid, overactive|थायराइड ज़्यादा|34486009|Hyperthyroidism||hyperthyroidism
Asthma|दमा|195967001|||bronchial asthma
COPD|सीओपीडी|13645005|Chronic obstructive lung disease
Tuberculosis|टीबी|56717001|||tb
High cholesterol|कोलेस्ट्रॉल ज़्यादा|13644009|Hypercholesterolemia||cholesterol
Heart disease|दिल की बीमारी|56265001
Heart failure|हार्ट फ़ेलियर (दिल कमज़ोर)|84114007|||हार्ट फेल
Heart attack|दिल का दौरा|22298006|Myocardial infarction
Stroke|स्ट्रोक (दिमाग़ का दौरा)|230690007|Cerebrovascular accident||लकवा (स्ट्रोक)
Kidney disease, chronic|गुर्दे की पुरानी बीमारी|709044004|Chronic kidney disease||ckd
Kidney stone|गुर्दे की पथरी|95570007
Gallstones|पित्त की पथरी|235919008
Acidity|एसिडिटी
GERD||235595009|Gastroesophageal reflux disease
Anaemia|खून की कमी|271737000|Anemia||anemia
Thalassaemia|थैलेसीमिया|40108008|Thalassemia||thalassemia
Arthritis|गठिया|3723001
Knee arthritis|घुटने का गठिया
Osteoarthritis of knee||239873007
Epilepsy|मिर्गी|84757009
Migraine|माइग्रेन|37796009
Depression|डिप्रेशन|35489007|Depressive disorder
Jaundice|पीलिया|18165001
Malaria|मलेरिया|61462000
Dengue|डेंगू|38362002
Typhoid|टाइफाइड|4834000|Typhoid fever||typhoid fever
Chickenpox|छोटी माता (चिकनपॉक्स)|38907003|Varicella
COVID-19|कोविड-19|840539006|Disease caused by severe acute respiratory syndrome coronavirus 2
PCOS|पीसीओएस|237055002|Polycystic ovary syndrome
Cataract|मोतियाबिंद|193570009
Glaucoma|काला मोतिया|23986001
Psoriasis|सोरायसिस|9014002
Eczema|एक्ज़िमा|43116000
Fever|बुखार|386661006
Cough|खाँसी|49727002
Cold|ज़ुकाम|82272006|Common cold
Back pain|कमर दर्द|161891005|Backache
Headache|सिर दर्द|25064002
Pain|दर्द|22253000
`

const vaccines = `
BCG|बीसीजी (टीबी का टीका)|19|BCG|birth
OPV|पोलियो की बूँदें|178|OPV bivalent|birth, 6, 10, 14 weeks, 16-24 months|polio drops
Hepatitis B|हेपेटाइटिस बी|45|Hep B, unspecified formulation|birth|hep b
Pentavalent|पेंटावैलेंट|198|DTP-hepB-Hib Pentavalent Non-US|6, 10, 14 weeks|penta
Rotavirus|रोटावायरस|122|rotavirus, unspecified formulation|6, 10, 14 weeks|rota
IPV|आईपीवी (पोलियो का टीका)|10|IPV|6, 14 weeks, 9 months|fipv
PCV|पीसीवी (निमोनिया)|152|Pneumococcal Conjugate, unspecified formulation|6, 14 weeks, 9 months
MR|एमआर (खसरा, रूबेला)|04|M/R|9, 16-24 months|measles rubella
Japanese encephalitis|जेई (दिमागी बुखार)|129|Japanese Encephalitis, unspecified formulation|9, 16-24 months|je
DPT|डीपीटी|01|DTP|16-24 months, 5 years|dtp
Td|टीडी (टिटनेस, डिप्थीरिया)|139|Td(adult) unspecified formulation|10, 16 years, pregnancy
Tetanus|टिटनेस|112|tetanus toxoid, unspecified formulation||tt,tetanus toxoid
MMR|एमएमआर|03|MMR
Measles|खसरे का टीका|05|measles
Polio|पोलियो का टीका|89|polio, unspecified formulation
Pneumococcal|निमोनिया का टीका|109|pneumococcal, unspecified formulation
Varicella|चिकनपॉक्स का टीका|21|varicella||chickenpox
Typhoid|टाइफाइड का टीका|91|typhoid, unspecified formulation
Hepatitis A|हेपेटाइटिस ए|85|Hep A, unspecified formulation||hep a
Influenza|फ्लू का टीका|88|influenza, unspecified formulation||flu
HPV|एचपीवी|137|HPV, unspecified formulation
Rabies|रेबीज़ (कुत्ता काटने का)|90|rabies, unspecified formulation
Covishield|कोविशील्ड|210|COVID-19 vaccine, vector-nr, rS-ChAdOx1, PF, 0.5 mL||astrazeneca
Covaxin|कोवैक्सीन|502|COVID-19 IV Non-US Vaccine (COVAXIN)
COVID-19|कोविड-19 का टीका|213|SARS-COV-2 (COVID-19) vaccine, UNSPECIFIED||covid
Yellow fever|पीत ज्वर|184|Yellow fever vaccine, unspecified formulation
Meningococcal|मेनिंगोकोकल|108|meningococcal ACWY, unspecified formulation
Cholera|हैज़ा|26|cholera, unspecified formulation
`

const medicines = `
Paracetamol|पैरासिटामोल|N02BE01|paracetamol||crocin,dolo,calpol,acetaminophen
Ibuprofen|आइबुप्रोफेन|M01AE01|ibuprofen||brufen
Diclofenac|डाइक्लोफेनाक|M01AB05|diclofenac||voveran
Aceclofenac||M01AB16|aceclofenac
Metformin|मेटफॉर्मिन|A10BA02|metformin||glycomet
Glimepiride|ग्लिमेपिराइड|A10BB12|glimepiride||amaryl
Gliclazide||A10BB09|gliclazide
Sitagliptin||A10BH01|sitagliptin
Vildagliptin||A10BH02|vildagliptin
Teneligliptin||A10BH08|teneligliptin
Dapagliflozin||A10BK01|dapagliflozin
Empagliflozin||A10BK03|empagliflozin
Insulin|इंसुलिन|A10A|INSULINS AND ANALOGUES
Amlodipine|एम्लोडिपिन|C08CA01|amlodipine||amlong
Telmisartan|टेल्मिसार्टन|C09CA07|telmisartan||telma
Losartan||C09CA01|losartan
Enalapril||C09AA02|enalapril
Ramipril||C09AA05|ramipril
Metoprolol||C07AB02|metoprolol
Atenolol|एटेनोलोल|C07AB03|atenolol
Hydrochlorothiazide||C03AA03|hydrochlorothiazide
Furosemide||C03CA01|furosemide||lasix,frusemide
Spironolactone||C03DA01|spironolactone
Atorvastatin|एटोरवास्टेटिन|C10AA05|atorvastatin
Rosuvastatin||C10AA07|rosuvastatin
Aspirin (heart)|एस्पिरिन (दिल के लिए)|B01AC06|acetylsalicylic acid||ecosprin
Clopidogrel||B01AC04|clopidogrel
Warfarin||B01AA03|warfarin
Levothyroxine|थायरोक्सिन|H03AA01|levothyroxine sodium||thyronorm,eltroxin,thyroxine
Pantoprazole|पैंटोप्राजोल|A02BC02|pantoprazole||pan 40
Omeprazole|ओमेप्राजोल|A02BC01|omeprazole
Rabeprazole||A02BC04|rabeprazole
Domperidone||A03FA03|domperidone
Ondansetron||A04AA01|ondansetron||emeset
ORS|ओआरएस|A07CA|Oral rehydration salt formulations
Zinc|ज़िंक|A12CB01|zinc sulfate
Amoxicillin|एमोक्सिसिलिन|J01CA04|amoxicillin
Amoxicillin + clavulanic acid||J01CR02|amoxicillin and beta-lactamase inhibitor||augmentin
Azithromycin|एज़िथ्रोमाइसिन|J01FA10|azithromycin
Ciprofloxacin|सिप्रोफ्लोक्सासिन|J01MA02|ciprofloxacin
Ofloxacin||J01MA01|ofloxacin
Cefixime||J01DD08|cefixime
Doxycycline||J01AA02|doxycycline
Metronidazole|मेट्रोनिडाजोल|P01AB01|metronidazole||flagyl
Albendazole|एल्बेंडाजोल|P02CA03|albendazole
Isoniazid||J04AC01|isoniazid
Rifampicin||J04AB02|rifampicin
Salbutamol|सालब्यूटामोल|R03AC02|salbutamol||asthalin
Budesonide||R03BA02|budesonide
Montelukast|मोंटेलुकास्ट|R03DC03|montelukast
Cetirizine|सेटिरिज़िन|R06AE07|cetirizine
Levocetirizine||R06AE09|levocetirizine
Prednisolone||H02AB06|prednisolone
Iron and folic acid|आयरन और फोलिक एसिड|B03AD|Iron in combination with folic acid||ifa
Folic acid|फोलिक एसिड|B03BB01|folic acid
Vitamin B12|विटामिन बी12|B03BA01|cyanocobalamin
Vitamin D|विटामिन डी|A11CC05|colecalciferol||vitamin d3
Calcium|कैल्शियम|A12AA|Calcium
Escitalopram||N06AB10|escitalopram
Sertraline||N06AB06|sertraline
Clonazepam||N03AE01|clonazepam
Sodium valproate||N03AG01|valproic acid
Levetiracetam||N03AX14|levetiracetam
Phenytoin||N03AB02|phenytoin
Carbamazepine||N03AF01|carbamazepine
Hydroxychloroquine||P01BA02|hydroxychloroquine
`
