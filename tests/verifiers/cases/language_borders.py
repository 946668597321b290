"""Texts near the borders of the language readings: mixtures, fragments, a letter more or less.

They were drawn at random and are kept for the planted bugs that they catch. Where two languages are
mixed half and half, or a text breaks off after ten letters, the verdict here is what the rule says
and no more: the clear cases are in ifeval_languages.
"""

from __future__ import annotations

from tests.verifiers.cases.case import Case, Example


def _near(*texts: str) -> tuple[Example, ...]:
    return tuple((text, "near a border") for text in texts)


CASES = (
    Case(
        "change_case:english_capital",
        {},
        _near(
            "PAGI INI KERETA API LEWAT LAGI, JADI SAYA BER 茶茶茶",
            "PAGI INI KERETA TERLAMBAT LAGI, JADI SAYA THE TRAIN WAS LATE",
            "VOZ JE JUTROS OPET KASNIO, PA SAM PJEŠKE OTIŠAO U K",
        ),
        _near(
            "O TREM ATRASOU DE NOVO HOJE DE MANHÃ, ENTÃO FUI A PÉ PAR",
            "PAGI INI KERETA TERLAMBAT LAGI, JADI SAYA BER 茶茶茶",
            "আজ সকালে ট্র THE T",
        ),
    ),
    Case(
        "change_case:english_lowercase",
        {},
        _near(
            "der zug hatte heute morgen wieder verspätu 茶茶茶",
            "vlak je jutros opet kasnio, pa sam pješice otišao 茶茶茶",
        ),
        _near(
            "сегодня утр the tra",
            "pagi ini kereta api lewat lagi, jadi saya ber the train was late agai",
        ),
    ),
    Case(
        "language:response_language",
        {"language": "ar"},
        _near("تأخر القطار good it's (of", "تأخر الق the x (of"),
        _near(),
    ),
    Case(
        "language:response_language",
        {"language": "bg"},
        _near(),
        _near(
            "הרכבת איחרה שוב הבוקר, אז הלכתי למשרד ברגל. בדרך פגשתי חברה ותיקה שבדיוק"
            " חזרה ממסע ארוך. דיברנו על מזג האוויר ועל האוכל.\n\nТази сутрин влакът отн"
            "ово закъсня, затова отидох до офиса пеша. По пътя срещнах стара приятелк"
            "а, която току-що се беше върнала от дълго пътуване. Говорихме за времето"
            " и храната."
        ),
    ),
    Case(
        "language:response_language",
        {"language": "bs"},
        _near(
            "Voz je jutros opet kasnio, pa sam pješke otišao u",
            "The train was l Voz je jutros opet kasnio, pa sam pješke otišao u kancel"
            "ariju. Na putu sam sreo staru prijatelji",
            "Voz je jutros opet kasnio, pa sam pješke otišao``The train was late agai"
            "n this morning, so I walked``Voz je jutros opet kasnio, pa sam pješke ot"
            "išao",
        ),
        _near("Voz je jutros opet https://x"),
    ),
    Case(
        "language:response_language",
        {"language": "en"},
        _near(
            "Der Zug hatte heute Morgen wieder Ve\n \t\nThe train was late again this mo"
            "rning, so I walked to the office instead. On the way I met an old",
            "Το τρένο ά `a\nThe train was late again this morning, s`",
            "Voz je jutros opet kasnio, pa sam pješ\n\nThe train was late again this morning, s",
            "O trem atrasou de novo hoje de\n \t\nThe train was late again this morning, so I wal",
            "The train was late again th\nStamattina il treno era d",
        ),
        _near(
            "Voz je jutros opet kasnio, pa `The train was late again this `",
            "The train was late\n\nСьогодні",
            "Pagi ini kereta api lewat lag `a\nThe train was late again this morning, s`",
        ),
    ),
    Case(
        "language:response_language",
        {"language": "fa"},
        _near("قطار امروز `The train was late again this `"),
        _near(),
    ),
    Case(
        "language:response_language",
        {"language": "fr"},
        _near(
            "Le train ``The train was late again this morning, so I walked``",
            "Le train était encore en re\n \t\nLe train était encore en",
        ),
        _near(),
    ),
    Case(
        "language:response_language",
        {"language": "he"},
        _near(),
        _near(
            "ഇന്ന് രാവിലെ ട്രെയിൻ വീണ്ടും വൈകി, അതിന"
            "ാൽ ഞാൻ ഓഫ\n \t\nהרכבת איחרה שוב הבוקר, אז הלכתי למשרד ברגל. ב"
        ),
    ),
    Case(
        "language:response_language",
        {"language": "hi"},
        _near(
            "आज सुबह ट्रेन फिर  (of 5 it's (of",
            "आज सुब NASA",
            "आज सुबह ट्रेन फिर देर से आई, इसलिए मैं पैदल दफ़्तर गया। र it's 5 good आज सुबह ट",
        ),
        _near("आज सुबह ट्रेन फि Tea x x it's"),
    ),
    Case(
        "language:response_language",
        {"language": "hr"},
        _near(
            "Vlak je jutros opet kasnio, pa sam pješice otišao u ured. Na putu sam sr"
            "eo staru\nO trem atrasou de novo hoje de manhã, então fui",
            "`T`",
        ),
        _near(
            "Vlak je jutros opet kasnio, pa sam```\nThe train was late again this morn"
            "ing, so I walked to the office instead. On the way I met an old friend w"
            "ho had just come back from a long journey. We talked about the weather, "
            "the food and the people she had seen there.\n```Vlak je jutros opet kasni"
            "o, pa sam"
        ),
    ),
    Case(
        "language:response_language",
        {"language": "id"},
        _near("Pagi ini"),
        _near("Pagi ini kereta terlambat l\nஇன்று காலை ரயில்"),
    ),
    Case(
        "language:response_language",
        {"language": "it"},
        _near("`T`", "Stamattina il treno era di nuovo in\n\nVlak je jutros opet kasnio, pa sam"),
        _near("Stamattina il[The train was late again this morning, so]Stamattina il"),
    ),
    Case(
        "language:response_language",
        {"language": "ja"},
        _near("今", "今天早上火车又晚点了，所以我走路去了办公"),
        _near(
            "今天早上火车又晚点了，所以我走路去了办公室",
            "今天早上火车又晚点了，所以我走路去了办公室。",
        ),
    ),
    Case(
        "language:response_language",
        {"language": "ko"},
        _near("오늘 아침에 기차가 또 늦어서 사무실까 NASA good Tea (of"),
        _near(
            "오늘 아침에 기차가 또 늦어서 사무실 Tea - x Tea x x",
            "오늘 아침에  NASA (of",
            "오늘 아침에 기차가 또 늦어서 x is - - it's good",
            "오늘 아침에 기차가 또 (of x is x",
            "오늘 아침에 기차가 또 (of (of Tea (of",
            "오늘 아침에 기차가 NASA Tea 5 the is x 오늘 아침에 기차",
        ),
    ),
    Case(
        "language:response_language",
        {"language": "ms"},
        _near(
            "Pagi ini ker",
            "Pagi ini kereta api lewat lagi, jadi saya berjalan kaki ke pejabat. Di j"
            "alan s Der Zug hatte heute Morgen wieder",
            "Pagi ini k",
        ),
        _near(),
    ),
    Case(
        "language:response_language",
        {"language": "ne"},
        _near(),
        _near(
            "آج صبح ٹرین پھر دیر سے آئی، ا\n \t\nआज बिहान रेल फेरि ढिल"
            "ो आयो, त्यसैले म हिँडेर कार्यालय गएँ। बा"
            "टोमा मैले एक पुरानो साथी भेटें जो भर्खर"
            "ै लामो यात्राबाट फर्केकी थिइन्। हामीले "
            "मौसम र खानाको बार",
            "ఈ ఉదయం రైలు మళ్ళీ आज बिहान रेल फेरि ढिलो आयो, त्यसैले म हिँ",
            "आज बिहान रेल फेरि ढिलो आयो, त्यसैले म हि"
            "ँडेर कार्या [The train was late again this morning, so]",
        ),
    ),
    Case(
        "language:response_language",
        {"language": "nn"},
        _near(
            "Toget var forseinka igjen i dag tidleg, så eg gjekk til kontoret. På veg"
            "en møtte eg ei gammal venninn",
            "Toget var forseinka igjen i dag tidleg, så eg gjekk til kontoret. På veg"
            "en møtte eg ei gammal venn",
        ),
        _near("Toget var f [a\nThe train was late a]"),
    ),
    Case("language:response_language", {"language": "no"}, _near(), _near("https://x")),
    Case(
        "language:response_language",
        {"language": "pa"},
        _near(
            "ਅੱਜ ਸਵੇਰੇ ਰੇਲਗੱਡੀ ਫਿ http://The-train-was-late-again-this-morning,-so-I-walked-to-the-of"
        ),
        _near(
            "ਅੱਜ ਸਵੇਰੇ ਰੇਲਗੱਡੀ ਫਿਰ ਦੇਰ ਨਾਲ ਆਈ, ਇਸ ਲਈ ਮੈਂ ਪੈਦਲ ਦਫ਼ਤਰ ਗਿਆ\n \t\nเช้านี้รถไฟมาสายอีกแล้ว ฉันจึงเดินไปที่ท"
        ),
    ),
    Case(
        "language:response_language",
        {"language": "pl"},
        _near("Pociąg znowu [The train was late again this morning, s]"),
        _near(
            "Pociąg znowu się dziś rano spóźnił, więc poszedłem do biura pieszo. Po d"
            "rodze spotkałem starą przyjaciółkę, która właśnie wróciła z długiej podr"
            "óży. Rozmawialiśmy o pogodzi\n\nהרכבת איחרה שוב הבוקר, אז הלכתי למשרד ברגל"
            ". בדרך פגשתי חברה ותיקה שבדיוק חזרה ממסע ארוך. דיברנו על מזג האוויר ועל "
            "האוכל.",
            "The train was late agai\nPociąg znowu się dziś rano spóźnił, więc poszedł",
        ),
    ),
    Case(
        "language:response_language",
        {"language": "ru"},
        _near("Сегодня утром по Tea is Tea good"),
        _near("Сегодня утро good (of is the"),
    ),
    Case(
        "language:response_language",
        {"language": "sh"},
        _near(
            "Vlak je jutros opet kasnio, pa sam otišao na po",
            "Vlak je jutros opet kasnio, pa sam otišao",
        ),
        _near("Vlak je jutros opet kasnio, pa sam otišao na posao."),
    ),
    Case(
        "language:response_language",
        {"language": "sw"},
        _near(
            "Treni lilichelewa ten www.The-train-was-late-again-this-morning,-so-I-wa"
            "lked-to-the-of",
            "Treni lilichelewa www.The-train-was-late-again-this-morning,-so-I-walked-to-the-of",
        ),
        _near("قطار امر Treni li"),
    ),
    Case(
        "language:response_language",
        {"language": "te"},
        _near(
            "ఈ ఉదయం రైలు మళ్ళhttp://The-train-was-late-again-this-mornin"
            "g,-so-I-walked-to-the-ofఈ ఉదయం రైలు మళ్ళ"
        ),
        _near("ఈ ఉదయం రైలు is 5 it's is (of ఈ ఉదయం రై"),
    ),
    Case(
        "language:response_language",
        {"language": "th"},
        _near(
            "เช้านี (of x - (of เช้านี้รถ",
            "เช้านี้รถไฟ ``The train was late again this morning, so I walked``",
        ),
        _near("เช้านี้รถไฟม [a\nThe train was late a]"),
    ),
    Case(
        "language:response_language",
        {"language": "tr"},
        _near(),
        _near(
            "Tren bu sabah yine gecikti, bu yüzden ofise yürüye [a\nThe train was late a]",
            "Tren bu sabah yine gecikti, bu yüzden ofise yürüyerek gitt\nPagi ini kere"
            "ta api lewat lagi, jadi saya be",
        ),
    ),
    Case(
        "language:response_language",
        {"language": "uk"},
        _near(),
        _near("Сьогодні вр `a\nThe train was late again this morning, s`"),
    ),
    Case(
        "language:response_language",
        {"language": "vi"},
        _near("Sáng nay tàu lại [The train was late again this morning, s]"),
        _near("Pagi ini kereta api lewat lagi, jadi saya b\nSáng nay tàu lại đến muộn n"),
    ),
    Case(
        "language:response_language",
        {"language": "zh"},
        _near("今天早上の"),
        _near(
            "今天のはが",
            "今天早上のはが",
            "今天早上火车のはがとで",
            "今天早上火车又晚点のはがとでに",
            "今の",
            "今天早上火车又晚点了のはが",
            "今天早上火车又晚点了，所以我走路去了办公室。路のはがとで",
        ),
    ),
)
