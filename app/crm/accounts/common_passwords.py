"""The passwords that are tried first: common words with anything but letters around them, runs and repeats."""

from app.shared.db import text_key

# Leet spellings are undone and digits and signs at the ends are cut before a password is looked for here, so that
# "P@ssw0rd2024!" is "password". Doubled words are found too.
_WORDS = frozenset(
    """
    password passwort passwords mypassword yourpassword newpassword thepassword pass passw passwd pwd secret secrets
    topsecret changeme changemenow changeit letmein letmeinnow letmeinplease welcome welcomeback welcometo default
    admin administrator adminadmin root rootroot superuser sysadmin user username guest login logmein signin test
    testing testtest tester demo demodemo example temp temporary temppass qwerty qwertyuiop qwertyui qwertz qwertzuiop
    azerty azertyuiop asdfgh asdfghjkl asdf asdfasdf zxcvbn zxcvbnm qazwsx qazwsxedc qazwsxedcrfv qweasd qweasdzxc
    qwerasdf qwaszx zaqwsx abcdef abcdefg abcdefgh abcdefghi abcdefghij abc abcd iloveyou iloveu ilovehim iloveher
    ilovemom iloveme loveyou lovelove lovely love sunshine princess dragon monkey football baseball basketball soccer
    hockey superman batman spiderman ironman starwars pokemon minecraft fortnite naruto master shadow killer hunter
    michael michelle jennifer jessica daniel ashley charlie jordan thomas robert andrew matthew joshua nicole anthony
    william george maggie pepper ginger buster tigger cookie summer winter spring autumn january february march april
    may june july august september october november december monday tuesday wednesday thursday friday saturday sunday
    liverpool arsenal chelsea barcelona juventus manchester manutd realmadrid computer internet whatever nothing
    trustno freedom forever flower orange banana chocolate cheese butterfly purple silver golden diamond samsung google
    facebook instagram youtube linkedin microsoft windows apple android iphone company office business sales salesteam
    marketing customer customers account accounts crm parley parleycrm mustang ferrari mercedes porsche corvette harley
    yamaha honda matrix phoenix ranger hannah sophie sophia oliver jasmine thunder tiger eagle falcon panther bulldog
    london paris berlin newyork california texas america canada australia germany france england hello helloworld
    hellohello hithere goodmorning correcthorsebatterystaple opensesame sesame access passport security secure private
    mother father family friend friends children babygirl babyboy angel angels jesus jesuschrist blessed heaven god
    money dollar million rich lucky success power champion winner warrior wizard merlin gandalf hobbit
    """.split()
)
_LEET = str.maketrans({"0": "o", "@": "a", "4": "a", "3": "e", "$": "s", "5": "s", "!": "i", "1": "i", "7": "t"})
_RUNS = ("0123456789012345678901234567890", "abcdefghijklmnopqrstuvwxyzabcdef", "qwertyuiopasdfghjklzxcvbnm")
_ZIGZAGS = frozenset(
    "1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qaz2wsx3edc4rfv q1w2e3r4t5 q1w2e3r4t5y6 zaq12wsxcde3 !qaz2wsx3edc "
    "a1b2c3d4e5 a1s2d3f4g5 1a2b3c4d5e abc123abc123 123qweasdzxc 1234qwerasdf 123abc456def qwe123qwe123 1qazxsw23edc "
    "qwer1234asdf 1234567qwerty qwerty1234567".split()
)


def is_common(password: str) -> bool:
    """Whether a password of ten characters or more is among the first that would be tried."""
    key = (text_key(password) or "").replace(" ", "")
    return len(set(key)) < 4 or key in _ZIGZAGS or _is_run(key) or any(_is_word(form) for form in _forms(key))


def _forms(key: str) -> set[str]:
    ends = "".join(sign for sign in set(key) if not sign.isalpha())
    plain = key.strip(ends) if ends else key
    return {plain, plain.translate(_LEET), key.translate(_LEET), key.translate(_LEET).strip(ends)}


def _is_word(form: str) -> bool:
    half, odd = divmod(len(form), 2)
    return form in _WORDS or (not odd and form[:half] == form[half:] and form[:half] in _WORDS)


def _is_run(key: str) -> bool:
    """Neighbours on the keyboard or in the alphabet, forwards or back."""
    return any(key in run or key[::-1] in run for run in _RUNS)
