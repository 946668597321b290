"""Scripts without spaces between words: how many there are, where they end, which is first."""

from __future__ import annotations

from tests.verifiers.cases.case import Case
from tests.verifiers.cases.function_case import function_cases, listed_cases

_WORDS = "hppt_lib.verifiers.words"

# Each row: the arguments, what must come back, what is special about it.
WORD_COUNTS = (
    ("春天来了，花园里的花都开了。", 12, "simplified Chinese: each character"),
    ("臺灣的夏天很熱。", 7, "traditional Chinese"),
    ("春天 来了", 4, "a space between them changes nothing"),
    ("人々と𠮷野家", 6, "the mark of repetition; a character of plane 2"),
    ("〇二年", 3, "the round zero"),
    ("コーヒーを飲んだ。", 8, "Japanese: kana, the mark of a long vowel too"),
    ("きょう、がっこう", 7, "small kana"),
    ("ﾊﾞｽ か\u3099", 3, "a voiced mark belongs to its kana, half-width or apart"),
    ("ジョン・スミス", 6, "a middle dot is none"),
    ("「」。！？《》、～", 0, "marks alone"),
    ("喝Tea吧", 3, "a Latin word inside stays whole"),
    ("我用Python3写don't和well-known", 7, "with digits, an apostrophe or a hyphen too"),
    ("2024年5月3日", 6, "numbers among characters"),
    ("3.5公里，３．５公里", 6, "a number with a point, narrow or wide"),
    ("共３，０００人，12：30到", 5, "marks inside wide numbers part nothing"),
    ("Tea，Coffee、水", 3, "wide marks part Latin words"),
    ("“春天”（Spring）来了……真的——好", 8, "quotation marks, brackets, dots and dashes"),
    ("😀春天☕️来了👍🏽", 4, "emoji are no words"),
    ("**春天** _来了_ #花", 5, "Markdown is none"),
    ("ＡＢＣ公司", 3, "wide Latin letters are a word"),
    ("나는 차를 마신다", 3, "Hangul has spaces"),
    ("हम चाय पीते हैं", 4, "Devanagari has spaces"),
    ("ฉันชอบดื่มชา", 4, "Thai: I like drink tea"),
    ("ฉัน ชอบ ดื่ม ชา", 4, "with spaces too"),
    ("ดื่มTeaไหม", 3, "a Latin word in Thai"),
    ("ราคา 100 บาท ปี๒๕๖๗", 5, "numbers in Thai, in digits of its own too"),
    ("๓.๕ ฿ ๏", 1, "a Thai number with a point; signs are no words"),
    ("เด็กๆ เด็ก ๆ", 2, 'the mark "again" is no word, after a space neither'),
    ("ผัก ฯลฯ", 2, '"etc." is one'),
    ("ຂ້ອຍມັກດື່ມຊາ", 4, "Lao: I like drink tea"),
    ("ខ្ញុំចូលចិត្តផឹកតែ។", 4, "Khmer: I like drink tea"),
    ("កុមារៗ", 1, "the Khmer mark of repetition"),
    ("လက်ဖက်ရည်သောက်တယ်။", 3, "Burmese: tea drink, and an ending"),
    ("春天ชาTea", 4, "three scripts without a space"),
)

DICTIONARY_WORDS = (
    ("我喜欢春天。", ["我", "喜欢", "春天"], "Chinese words whole"),
    ("お茶とコーヒー", ["お茶", "と", "コーヒー"], "Japanese words whole"),
    ("ดื่มชา", ["ดื่ม", "ชา"], "Thai as ever"),
    ("Tea, don't", ["tea", "don't"], "so are words with spaces"),
)

FIRST_WORDS = (
    ("春天来了，花开了。", 3, "春天来", "between two characters"),
    ("春天来了，花开了。", 4, "春天来了，", "the marks after the word are kept"),
    ("春天（花）", 2, "春天", "what opens belongs to the next word"),
    ("春天\n\n来了", 3, "春天\n\n来", "line breaks stay"),
    ("春天来了。", 9, "春天来了。", "shorter than the cut"),
    ("喝Tea吧", 2, "喝Tea", "a Latin word whole"),
    ("เด็ก ๆ ดื่มชา", 2, "เด็ก ๆ ดื่ม", "a mark of repetition after its word"),
    ("ဘာ၊ ရေ", 1, "ဘာ၊", "Burmese"),
)

BEGINS = (
    (["春", "天", "来", "了"], "春天", True, "two characters"),
    (["春", "天", "来", "了"], "春", True, "one"),
    (["春", "天", "来", "了"], "夏天", False, "others"),
    (["春"], "春天", False, "too few"),
    (["ai", "技", "术"], "AI 技术", True, "Latin and Chinese, a space or none"),
    (["มากมาย"], "มา", False, "letters that begin a longer Thai word"),
    (["แช", "ทบ", "อท"], "แชทบอท", True, "a word that the dictionary cuts in three"),
    (["a", "part"], "apart", False, "spaces count where a script has them"),
    (["tea", "is"], "“Tea is”", True, "a phrase, in any case and in marks"),
    (["tea"], "...", False, "no word"),
    ([], "春天", False, "no text"),
)

ENDS = (
    (["我", "爱", "春", "天"], "春天", True, "two characters"),
    (["我", "爱", "春", "天"], "爱春", False, "not at the end"),
    (["天"], "春天", False, "too few"),
    (["มาก", "มาย"], "มากมาย", True, "a word that the text has cut"),
    (["hot", "tea"], "hot tea", True, "a phrase"),
    (["hot", "tea"], "", False, "no word"),
)

IN_COMMON = (
    (["hot", "tea"], ["tea", "is"], 1, "a word with spaces"),
    (["hot", "tea"], ["is", "tea"], 0, "not the first"),
    (["我", "爱", "春", "天"], ["春", "天", "来", "了"], 2, "a word of two characters"),
    (["喝", "茶"], ["茶", "好"], 1, "of one"),
    (["hot", "tea"], ["hot", "tea"], 0, "two words are not one word"),
    ([], ["tea"], 0, "nothing"),
)

ONE_WORD = (
    ("春天", True, "Chinese"),
    ("โรงเรียน", True, "Thai"),
    ("don't", True, "a mark inside"),
    ("春天 来了", False, "a space"),
    ("hot tea", False, "two"),
    ("-", False, "none"),
)

OCCURRENCES = (
    ("มา", "มากมาย", 0, "Thai: letters that begin a longer word"),
    ("มา", "เขามาแล้ว", 1, "and a word of its own"),
    ("น้ำ", "แม่น้ำ", 0, "the end of a compound"),
    ("สมชาย", "คุณสมชายไป", 1, "a name"),
    ("သောက်", "လက်ဖက်ရည်သောက်တယ်", 1, "Burmese"),
    ("ຊາ", "ຂ້ອຍດື່ມຊາ", 1, "Lao"),
    ("春天", "我爱春天，春天来了", 2, "Chinese"),
    ("春天", "AI春天2", 1, "Latin letters and digits beside it"),
    ("AI", "用AI写", 1, "a Latin word in Chinese"),
    ("ชา", "Teaชา3", 1, "Latin letters beside Thai"),
)

_ZH = "春天来了。花开了。我们去公园。"
_FIRST = "length_constraints:nth_paragraph_first_word"
_WORDS_IN = "length_constraints:number_words"

CASES = (
    *function_cases(_WORDS, "word_count", WORD_COUNTS),
    *function_cases(_WORDS, "dictionary_words", DICTIONARY_WORDS),
    *function_cases(_WORDS, "first_words", FIRST_WORDS),
    *function_cases(_WORDS, "begins_with", BEGINS),
    *function_cases(_WORDS, "ends_with", ENDS),
    *function_cases(_WORDS, "words_in_common", IN_COMMON),
    *function_cases(_WORDS, "is_one_word", ONE_WORD),
    *function_cases(_WORDS, "occurrences", OCCURRENCES),
    *listed_cases(_WORDS, "each_bare_word", [("喝Tea吧", ["喝", "tea", "吧"], "one at a time")]),
    *function_cases(
        _WORDS,
        "prose_words",
        [
            ("1、春天\n2.夏天", ["春", "天", "夏", "天"], "numbers of a Chinese list"),
            ("（3）茶 12、水", ["茶", "12", "水"], "one that begins no item counts"),
        ],
    ),
    Case(
        _WORDS_IN,
        {"relation": "at least", "num_words": 12},
        passes=(
            ("春天来了，花园里的花都开了。", "twelve characters"),
            ("春が来て、花が咲きましたね。", "twelve in Japanese"),
        ),
        fails=(("春天来了，花园里的花开了。", "eleven"), ("春天来了。", "four")),
    ),
    Case(
        _WORDS_IN,
        {"relation": "less than", "num_words": 4},
        passes=(("喝Tea吧", "three"), ("ดื่มชา", "two in Thai")),
        fails=(("喝绿茶吧", "four"), ("ฉันชอบดื่มชา", "four in Thai")),
    ),
    Case(
        "length_constraints:number_sentences",
        {"relation": "at least", "num_sentences": 3},
        passes=((_ZH, "no space between them"), ("चाय है। दूध है। पानी है।", "Hindi")),
        fails=(("春天来了。花开了。", "two"), ("วันนี้อากาศดีมาก เรามีความสุข", "two in Thai")),
    ),
    Case(
        _FIRST,
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "春天"},
        passes=(
            ("花。\n\n春天来了。", "in running text"),
            ("花。\n\n「**春天**」来了", "in marks"),
        ),
        fails=(
            ("春天。\n\n夏天来了。", "another paragraph"),
            ("花。\n\n春来了。", "one character"),
        ),
    ),
    Case(
        _FIRST,
        {"num_paragraphs": 1, "nth_paragraph": 1, "first_word": "โรงเรียน"},
        passes=(("โรงเรียนของเราสวย", "Thai"),),
        fails=(("ของเราโรงเรียน", "not the first"),),
    ),
    Case(
        "first_word:first_word_answer",
        {"first_word": "มา"},
        passes=(("มากินข้าว", "come"),),
        fails=(("มากมายเลย", "the first letters of another word"),),
    ),
    Case(
        "first_word:first_word_sent",
        {"first_word": "春天"},
        passes=(("春天来了。春天很美。", "both sentences"),),
        fails=(("春天来了。花开了。", "the first only"),),
    ),
    Case(
        "last_word:last_word_answer",
        {"last_word": "春天"},
        passes=(("我爱春天。", "before a mark"),),
        fails=(("春天来了。", "at the beginning"), ("我爱夏天。", "half of it")),
    ),
    Case(
        "last_word:last_word_sent",
        {"last_word": "茶"},
        passes=(("我喝茶。他也喝茶！", "both"),),
        fails=(("我喝茶。他喝水。", "one"),),
    ),
    Case(
        "keywords:keyword_specific_position",
        {"keyword": "春天", "n": 2, "m": 3},
        passes=(("花开了。我爱春天。", "from the third character on"),),
        fails=(("花开了。我很爱春天。", "from the fourth on"), ("花。我爱春。", "half of it")),
    ),
    Case(
        "words:keywords_specific_position",
        {"keyword": "お茶", "n": 1, "m": 2},
        passes=(("私お茶。", "from the second character on"),),
        fails=(("お茶。", "from the first on"), ("私お水。", "half of it")),
    ),
    Case(
        "words:words_position",
        {"keyword": "春天"},
        passes=(("爱春天的人爱春天吗？", "after one character, before one"),),
        fails=(("春天的人爱春天吗？", "the first"), ("爱春天的人爱花吗？", "once")),
    ),
    Case(
        "keywords:start_end",
        {},
        passes=(("春天来了，我爱春天", "a word of two"), ("ชาร้อนคือชา", "Thai")),
        fails=(
            ("春天", "once only"),
            ("春天来了，我爱夏日", "others"),
            ("春天来了，爱春天。", "a mark"),
        ),
    ),
    Case(
        "words:last_first",
        {},
        passes=(("我爱春天。春天来了。", "a word of two"),),
        fails=(("我爱春天。花开了。", "others"),),
    ),
    Case(
        "words:paragraph_last_first",
        {},
        passes=(("春天来了，我爱春天。", "a word of two"),),
        fails=(("春天来了，我爱花。", "others"), ("春天。", "once only")),
    ),
    Case(
        "count:word_count_range",
        {"min_words": 4, "max_words": 5},
        passes=(("春天来了", "four"), ("ฉันชอบดื่มชา", "four in Thai")),
        fails=(("春天来", "three"), ("春天来了花开", "six")),
    ),
    Case(
        "count:count_unique",
        {},
        passes=(("中国中午", "a character in two words"),),
        fails=(("春天爱春天", "a word twice"),),
    ),
    Case(
        "count:unique_word_count",
        {"N": 3},
        passes=(("我喜欢春天", "three"),),
        fails=(("春天，春天，夏天", "two"),),
    ),
    Case(
        "words:repeats",
        {"small_n": 1},
        passes=(("爸爸和妈妈", "a character twice in a word"),),
        fails=(("爸爸爱爸爸", "a word twice"),),
    ),
    Case(
        "words:no_consecutive",
        {},
        passes=(("爸爸来了", "one word, not two"),),
        fails=(("tea tea", "two words"),),
    ),
    Case(
        "format:newline",
        {},
        passes=(("春天\n夏天", "words of two characters"),),
        fails=(("我喜欢春天\n夏天", "three words on a line"), ("春天", "one line")),
    ),
    Case(
        "detectable_format:bigram_wrapping",
        {},
        passes=(("<<我 喜欢>> <<春天 和>>", "words of two characters"),),
        fails=(("<<我喜欢春天>>", "three words"),),
    ),
    Case(
        "sentence:increment",
        {"small_n": 1},
        passes=(("花开了。春天来了。", "three and four"),),
        fails=(("花开了。春天来。", "three and three"),),
    ),
    Case(
        "copy:repeat_phrase",
        {"phrase": "春天的花园很美", "small_n": 1},
        passes=(("春天的校舍很美", "one word of two characters replaced"),),
        fails=(("夏天的花园很美", "the first word replaced"),),
    ),
    Case(
        "keywords:palindrome",
        {},
        passes=(("他说，上海自来水来自海上！", "a row of characters"), ("ดูนาน", "a Thai word")),
        fails=(("春天来了，花开了", "none"),),
    ),
    Case(
        "count:words_japanese",
        {"N": 2},
        passes=(
            ("I お茶 drink 毎日", "by spaces"),
            ("毎日お茶を飲みます。", "no other"),
        ),
        fails=(("I drink tea お茶", "one is English"),),
    ),
    Case(
        "change_case:capital_word_frequency",
        {"capital_relation": "at least", "capital_frequency": 2},
        passes=(("我爱NASA和FBI", "two, with no space"),),
        fails=(("我爱NASA和水", "one"),),
    ),
    Case(
        "keywords:forbidden_words",
        {"forbidden_words": ["มา"]},
        passes=(("มากมาย", "another word"),),
        fails=(("เขามาแล้ว", "it is there"),),
    ),
    Case(
        "startend:end_checker",
        {"end_phrase": "谢谢大家"},
        passes=(("我说谢谢大家", "in running text"), ("再见。谢谢大家", "after a mark")),
        fails=(("谢谢大家来了", "words after it"),),
    ),
    Case(
        "startend:end_checker",
        {"end_phrase": "มา"},
        passes=(("เขามา", "come"),),
        fails=(("ฉันรักหมา", "the end of another word"),),
    ),
    Case(
        "detectable_content:postscript",
        {"postscript_marker": "P.P.S"},
        passes=(
            ("春天来了。P.P.S你也来吧。", "without a space"),
            ("茶\nP.P.S 来吧", "on a line"),
        ),
        fails=(("春天来了。", "none"), ("春天P.P.S你也来吧。", "in mid-sentence")),
    ),
    Case(
        "repeat:repeat_change",
        {"prompt_to_repeat": "写一首关于春天的诗。"},
        passes=(("创作一首关于春天的诗。", "another first word"),),
        fails=(
            ("写一首关于春天的诗。", "no change"),
            ("春天来了。", "another text"),
            ("写两首关于春天的诗。", "another word"),
        ),
    ),
    Case(
        "hppt:new_content",
        {"prompt": "写春天。", "new_words": 3},
        passes=(
            (
                "わたしはきのうこうえんでともだちとおちゃをのみました。",
                "kana come back",
            ),
        ),
        fails=(("春天。写春天。", "the prompt again"), ("花" * 60, "one word over and over")),
    ),
)
