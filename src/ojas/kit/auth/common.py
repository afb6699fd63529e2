"""Words that passwords are guessed with first: our own short list, of plain stems (disguises are taken off before).

It catches what a person types who wants to be done, here and in India; ``guessed.txt`` beside it holds what was leaked most
often elsewhere. A list of millions belongs to a service that knows breached passwords.
"""

_ENGLISH = """
password passwort passw passwd pass passcode passphrase secret secrets mysecret letmein letmeinn welcome welcomes
welcomeback changeme changeit change default temporary temppass temppass guest user username login logmein signin admin
administrator root superuser manager master access account test tester testing testtest demo sample example please
iloveyou loveyou lovely lover love loveme mylove forever sweetheart babygirl baby princess angel angels sunshine
rainbow flower butterfly summer winter autumn spring monday friday sunday january february august september october
november december dragon monkey tiger lion eagle falcon shadow phantom batman superman spiderman starwars pokemon
football baseball basketball cricket soccer hockey liverpool arsenal chelsea barcelona manchester michael jordan
jennifer jessica charlie daniel thomas robert andrew joshua matthew ashley nicole hannah computer internet windows
samsung iphone android google facebook whatsapp instagram youtube twitter microsoft apple freedom whatever nothing
anything something trustno trustme believe success victory champion warrior killer hunter ranger master mustang
ferrari porsche harley corvette yamaha chocolate cookie cookies banana orange cheese pepper ginger coffee
hello hellohello helloworld goodbye goodmorning goodluck blessed blessing jesus jesuschrist christ god godisgood
family mother father brother sister mummy daddy husband wife friend friends bestfriend asshole fuckyou fuckoff
qwerty qwertyui qwertyuiop azerty asdf asdfgh asdfghjk asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc abc abcd abcde
abcdef abcdefg abcdefgh abcabc aaaa xxxx money dollars lucky jackpot unknown blank none null
"""

_HEALTH = """
ojas ojaspassword health healthy healthcare myhealth hospital doctor nurse patient medicine medical clinic heart heartbeat
wellness fitness yoga ayurveda vitality therapist therapy pharmacy
"""

_INDIA = """
india indian bharat bharatmata jaihind vandemataram hindustan mumbai chennai delhi bangalore bengaluru hyderabad kolkata
krishna radhakrishna radheradhe radhe jaishreeram jaishriram jaishreekrishna shriram sriram hanuman jaihanuman ganesh
ganesha ganpati shiva omnamahshivaya mahadev harharmahadev lakshmi saraswati durga sairam omsairam saibaba murugan
muruga vinayaka ayyappa venkatesh balaji tirupati govinda allah bismillah waheguru mummypapa maapapa papamummy jaan
janeman meri merijaan pyaar dil sachin dhoni virat kohli rajinikanth thalaiva vijay ajith tamil tamilnadu tamizh
namaste namaskar vanakkam anbu amma appa ammaappa kannan kadavul
"""

COMMON = frozenset((_ENGLISH + _HEALTH + _INDIA).split())
