"""Texts, and what is left of them when they are masked, on every engine."""

MASKED = {
    "Zoë Łuków 7": "aaa aaaaa 9",
    "Zoe\u0308 z\u0361a \u05e9\u05c1\u05b8\u05dc": "aaa aa aa",  # marks beside letters, of Latin and Hebrew
    "हिन्दी": "aaa",
    "\u202eanna\u202c \u2066b\u2069 \u200fc\u061c\ufeff d\u200de": "aaaa a a aa",
    "ⓙⓞⓗⓝ ① Ⅷ ½ ²": "    ",
    "Ω≈ç√ ٣ 4": "aa 9 9",
    "漢字 ñ ﬁ": "aa a a",
    "5 € – “quoted” \U0001f600": "9   aaaaaa ",
    "a.b+c@d.example": "a.a+a@a.aaaaaaa",
    "% \\ ' \" `{}[]~": "% \\ ' \" `{}[]~",
    "a\tb\x1b[1m\x7f\x85\n": "a a [9a   ",
    "x" * 50: "a" * 40,
}
