"""`text_key` for PostgreSQL: the comparison key of a text (casefolded NFKC), the same as `app.shared.db.text_key`.

PostgreSQL folds by its locale, and differently; so the function is written out from this Python's Unicode tables. Plain
ASCII, nearly every text, takes a short way.
"""

import sys

_BLOCK = 64  # characters of one call of `translate`


def _foldings() -> tuple[dict[str, str], dict[str, str]]:
    """Characters that fold to one character, and those that fold to several; without ASCII."""
    single: dict[str, str] = {}
    several: dict[str, str] = {}
    for code in range(0x80, sys.maxunicode + 1):
        letter = chr(code)
        folded = letter.casefold()
        if folded != letter:
            (single if len(folded) == 1 else several)[letter] = folded
    return single, several


def _ranges(letters: list[str]) -> str:
    """A bracket expression of these characters, with runs joined."""
    runs: list[list[int]] = []
    for code in sorted(map(ord, letters)):
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join(chr(first) if first == last else f"{chr(first)}-{chr(last)}" for first, last in runs)


def _translations(single: dict[str, str]) -> str:
    """Block by block, since `translate` searches its whole list for every character of the text."""
    letters = list(single)
    steps = []
    for start in range(0, len(letters), _BLOCK):
        block = letters[start : start + _BLOCK]
        to = "".join(single[letter] for letter in block)
        steps.append(
            f"        IF folded ~ '[{_ranges(block)}]' THEN\n"
            f"            folded := translate(folded, '{''.join(block)}', '{to}');\n"
            "        END IF;"
        )
    return "\n".join(steps)


def text_key_function() -> str:
    """The statement that creates the function."""
    single, several = _foldings()
    steps = "\n".join(f"        folded := replace(folded, '{letter}', '{to}');" for letter, to in several.items())
    return f"""CREATE FUNCTION text_key(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE folded text;
BEGIN
    IF octet_length(value) = length(value) THEN
        RETURN lower(value COLLATE "C");
    END IF;
    folded := lower(normalize(value, NFKC) COLLATE "C");
    IF folded ~ '[{_ranges(list(single))}]' THEN
{_translations(single)}
    END IF;
    IF folded ~ '[{_ranges(list(several))}]' THEN
{steps}
    END IF;
    RETURN normalize(folded, NFKC);
END $body$"""
