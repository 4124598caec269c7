/*
 * Sentences, forms and letters written for this project, with places for made-up values: {person}, {given}, {surname}, {address}, {place},
 * {org}, {street}, {unit}, {number}, {date}, {email}, {product}, {title}, {acronym}, {code}, {version}, {hash}, {hex}, {word} in five spellings. What stands in no braces belongs to nobody.
 */

export const templates: readonly string[] = `
My name is {person}.
my name is {person} and i live in {place}
Hi, I'm {given}. I work at {org} as a nurse.
Hello, this is {person} from {org}. Could you call me back?
I am {person}, born in {place}.
Call {given} when you get to {place}.
Please send the parcel to {address}.
Please ship it to {person}, {address}.
Her address is {address}, and she moved there in {date}.
I live at {address}.
We live at {address} in {place}.
My new address: {address}
Deliver to:\n{person}\n{address}
Dear {person},\n\nthank you for your letter of {date}.\n\nKind regards,\n{person}\n{org}
Dear Mr. {surname},\n\nyour order {number} is on its way to {address}.
Dear Ms {surname}, we have received your application.
Best regards,\n{person}
Sincerely,\n\n{person}\nHead of Sales\n{org}\n{address}
Thanks,\n{given}
Cheers, {given}
Name: {person}\nAddress: {address}\nPhone: {number}
Name: {person}\nEmail: {email}\nCity: {place}
First name: {given}\nLast name: {surname}
Patient: {person}, admitted on {date} with chest pain.
The patient {person} lives at {address} with her husband {given}.
Dr. {surname} saw {given} on {date}.
Write an email to {person} about the meeting on {date}.
Draft a reply to {given} and copy {given}.
Summarise the call between {person} and {person}.
Schedule a meeting with {person} in {place} next week.
Book a flight from {place} to {place} for {person}.
Find a hotel near {address}.
What is the weather in {place}?
How far is it from {place} to {place}?
Show me restaurants in {place}.
Who is {person}?
Has {person} answered yet?
Tell {given} that {given} is late.
I met {given} and {given} in {place} last summer.
{person} works for {org} in {place}.
{person} joined {org} in {date}.
{person} and {person} founded {org}.
{person}, {number}, {email}
{person};{email};{place};{number}
| {person} | {place} | {number} |
- {person} ({org})
* {person}: prepares the slides
1. {person}, {place}
Attendees: {person}, {person}, {given}
From: {person} <{email}>\nTo: {person} <{email}>\nSubject: Invoice {number}
On {date}, {person} wrote:
> {person} wrote on {date}:
Reviewed by {person} on {date}
Signed-off-by: {person} <{email}>
Author: {person} <{email}>
@{given} can you look at this?
The tenant, {person}, of {address}, agrees to pay {number}.
The contract is between {person}, residing at {address}, and {org}, {address}.
{person} was seen near {address} at night.
Pick me up at {address} at 7.
The meeting is at {address}, second floor.
Our office is at {address}.
{org} has its seat at {address}.
{org} announced on {date} that {person} will be its new chief executive.
According to {person} of {org}, prices will rise.
"I never said that," said {person}.
"We are ready," {surname} told reporters in {place}.
{surname} said the plan was a mistake.
{surname} and {surname} disagreed.
{given} asked {given} to wait.
{given}'s mother is from {place}.
{given}'s car is at {address}.
It was {given}'s idea.
My wife {given} and our children {given} and {given} are with me.
My husband's name is {person}.
My boss {person} wants it today.
Ask my lawyer, {person}.
Please add {person} to the account.
Remove {person} from the list.
The beneficiary is {person}, {address}.
Change the billing address to {address}.
Is {address} in your delivery area?
I moved from {place} to {place}.
She comes from {place} but grew up in {place}.
He is travelling through {place} and {place}.
They are in {place} right now.
The train to {place} leaves at {number}.
Greetings from {place}!
{place} is lovely in spring.
{place}, {date}
{person}\n{address}
{person}\n{org}\n{address}\n{place}
{address}
Ship to {address} and bill to {address}.
Ich heiße {person} und wohne in {place}.
Mein Name ist {person}, ich wohne in der {address}.
Sehr geehrter Herr {surname},\n\nvielen Dank für Ihre Nachricht.\n\nMit freundlichen Grüßen\n{person}
Sehr geehrte Frau {surname}, anbei die Rechnung {number}.
Liebe {given}, wie geht es dir?
Bitte schicken Sie das Paket an {person}, {address}.
Kannst du {given} fragen, ob {given} am Freitag kommt?
Je m'appelle {person} et j'habite à {place}.
Mon adresse est {address}.
Cher Monsieur {surname}, merci pour votre message.
Bonjour {given}, peux-tu appeler {person} ?
Me llamo {person} y vivo en {place}.
Mi dirección es {address}.
Estimado señor {surname}: gracias por su carta.
Hola {given}, ¿puedes llamar a {person}?
Mi chiamo {person} e abito in {address}.
Gentile signora {surname}, la ringrazio.
O meu nome é {person} e moro em {place}.
Mijn naam is {person} en ik woon in {place}.
Jag heter {person} och bor på {address}.
Nazywam się {person} i mieszkam w {place}.
Is that {given}? I thought it was {given}.
I can't believe {given} did that!
Everybody calls me {given}.
Her maiden name is {surname}.
What is your last name? {surname}
What is your name? {person}
User: {person}\nBot: Thank you, {given}. And your address?\nUser: {address}
Agent: May I have your name?\nCaller: It's {person}.
{given}: are you there?\n{given}: yes
{given}: Hi {given}!\n{given}: Hello.
The novel by {person} was made into a film.
A film directed by {person} and starring {person}.
The new album of {person} is out.
Have you heard the latest song by {person}?
{person} sings, {given} plays the drums.
The {surname} report was published in {date}.
The {surname} family moved to {place}.
Judge {surname} ruled against {org}.
President {surname} visited {place}.
Professor {person} teaches at the University of {place}.
{person}, who teaches in {place}, won the prize.
{person}, {number}, of {place}, was arrested on {date}.
{person} ({number}) from {place} is missing.
Account holder: {person}
Emergency contact: {person}, {number}
Passenger {person}, seat {number}
Hi team, {given} will be out on {date}; {given} covers for her.
Please forward this to {email} and to {given}.
Let's meet in front of {address}.
Take a taxi from {address} to {address}.
There was an accident on {address}.
The corner of {address} and {address}
They sold the house at {address} for {number}.
Return address: {address}
{person} c/o {person}, {address}
I'm calling about my father, {person}. He lives alone at {address}.
{org} hired {given} {surname} away from {org}.
At {org} we build software.
I work for {org}.
Contact {org}, {address}, for details.
{org}\n{address}
Invoice to {org}, {place}.
Does {org} deliver to {place}?
{place}-based {org} opened an office in {place}.
{given} went home early.
{given} has lost the key again.
{given} lives next door.
{given} wants to talk to {given}.
{given} bought a car in {date}.
{given} never came back from {place}.
{given} took the train to {place} and {given} followed.
{given} studied at {org} before {given} was born.
{given} wrote to {org}, which answered in {date}.
{given} can help you. {given} cannot.
{given} will speak first, then {surname}.
{given} looks tired.
{given} and {surname} were the first to arrive.
{surname} scored twice.
{surname} left the company in {date}.
{surname} has been at {org} since {date}.
{surname}, however, was right.
{surname} or {surname} will win.
I agree with {surname} and {surname}.
Not {surname} but {surname} did it.
What did {surname} and {surname} write about?
{person} gave a talk in {place}.
{person} has lived in {place} since {date}.
{person} spoke at {org}.
{person} was born in {place} and died in {place}.
{person}: “I am happy,” she wrote.
"It is over," said {given}.
'No,' says {surname}.
"Who is it?" {given} asked.
{place} was cold in {date}.
{place} is changing fast.
{place} has many lakes.
{place} looks good this year.
I heard that {place} is expensive.
I am glad that {place} won.
They say that {place} is growing.
Is {place} a member of the union?
Greetings to all in {place}!
In {place}, {person} is a star.
Between {place} and {place} there is a border.
From {place}, with love
Call me when you are back from {place}.
Made in {place}
The road to {place} is closed.
The {place} marathon is in May.
The {place} office of {org} is closing.
Club: {place} Tennis Club
Venue: {place} Town Hall
{place} Airport was closed.
{person}\n\n{place}\n{place}
{person}\n{place}
{number} {street}\n{place}\n\n{place} {number}
{person}\n{number} {street}\n{unit}\n{place}\n{place} {number}
> {person}\n> {org}\n> {number} {street}\n> {unit}\n> {place}\n> {place} {number}
* {street}\n* {place}\n* {place}
{person} lives at {street}, {place}.
{given} lives at {street} in {place}
We meet at {org}, {street}, {place}.
{org} is at {street} in {place}.
What does {acronym} stand for?
Explain {acronym} and {acronym} to a beginner.
The {acronym} of the {acronym} is {code}.
The id is {code}.
Look up {code} and {code} in the list.
Is {product} better than {product}?
How do I install {product} on {product}?
Write a {product} script for {product}.
{product} crashes when I open {product}.
Move my data from {product} to {product}.
Ugh, it is broken again.
Hi Chatbot! Tell me a joke.
Hey Assistant, what is new?
Hello Bot, I need help.
The {product} team at {org} uses {product}.
We have three children: {given}, {given} and {given}.
The team: {person}, {person}, {given} and {given}.
Authors: {surname}, {surname} and {surname}
The partners {surname}, {surname} and {surname} met in {place}.
Our cats are called {given}, {given}, {given} and {given}.
Winners: {person} ({place}), {person} ({place})
Which is better, {place} or {place}?
Is {surname} faster than {surname}?
I prefer {surname} to {surname}.
Did {given} and {given} come along?
Why is {given} always late?
Why does {given} say that?
Where does {given} live?
Where is {place}?
Where: {place}
Location: {place}
Birthplace: {place}
Destination: {place}, departure: {place}
Born in {place}, raised in {place}, now in {place}.
{place} has won the cup.
{place} and {place} signed a treaty.
In {place} people drink tea.
In {place}, winters are long.
People from {place} are friendly.
The government of {place} denied it.
The capital of {place} is {place}.
The city of {place} lies north of {place}.
The mayor of {place}, {person}, resigned.
I'd love to see {place} one day.
Who is going to {place} with us?
My uncle lives in {place}.
My friend from {place} is called {given}.
We drove from {place} via {place} to {place}.
Flights to {place} are delayed.
The conference takes place in {place} in {date}.
Have you ever been to {place}?
The queen arrived in {place} on {date}.
{person} is from {place}.
{given} is a good friend of mine.
{given} is very kind.
{given} was born in {date}.
{surname} was born in {place} in {date}.
{given}, please call me back.
{given}, could you open the window?
Goodbye, {given}!
Thank you, {given}.
Ask {given}, or {given}, or {given}.
She called her son {given}.
They named the baby {given}.
People call her {given}.
You know {given}, don't you?
Unlike {surname}, I like the book.
The {surname} brothers own {org}.
A tribute to {person}
A concert by {person} in {place}
The version that {person} recorded is better.
the version by {person} sold well
{org} was founded by {person}.
{org} is a company from {place}.
During {date}, {org} bought {org}.
He spent two years at {org} as assistant to {person}.
{given} works at {org}, {given} at {org}.
The {org} building is at {address}.
My account at {org} is locked.
I bought it from {org}.
{org} and {org} will merge.
Is {org} hiring?
{person} from {org} called about {org}.
Mrs. {person}, {address}
Mr {person}\n{address}
Customer: {person}\nOrder: {number}\nShip to: {address}
My street is {address}.
Turn left into {address}.
The shop at {address} is closed.
Can you come to {address}?
I am at {address} now.
How do I get to {address}?
The party is at {given}'s place, {address}.
Update my address to {address}, please.
Two addresses: {address} and {address}
{person}\n\n{address}\n{number}
> {person}\n> {org}\n> {address}
Best,\n{given} {surname}\n{org}\n{address}\n{number}
Kind regards\n\n{person}\n{org} | {number} | {email}
{"name": "{person}", "city": "{place}", "address": "{address}"}
name={person}, city={place}
<name>{person}</name><city>{place}</city>
My number is {number}, my name {person}.
My card was stolen in {place}, I am {person}.
Please block the card of {person}.
I want to transfer {number} to {person}.
Pay {given} {number} for lunch.
remind me to call {given} at {number}
text {given} that i am late
send an email to {person} about {org}
what is the time in {place}
book a table in {place} for four people
is {place} safe
how far is {place} from {place}
{"first_name": "{given}", "last_name": "{surname}", "dob": "{date}"}
{"name": {"first_name": "{given}", "last_name": "{surname}"}, "address": {"street": "{street}", "city": "{place}", "zip": "{number}"}}
"passengers": [{"first_name": "{given}", "last_name": "{surname}"}]
{"user": "{person}", "{word}": "{word}"}
You are {person} in {number}.
Your name is {person} and your zip code is {number}.
You are {person}, residing in {place} {number}.
You are {given} {surname} from {place}.
user_name = "{person}"
| {Word} | {person} | {code} |
The {word} of {person} is {word}.
{given}, as you know, the plan has changed.
{given}, we have sent you the form.
{given}, your order is ready.
{given}, this is about your lesson on {date}.
{given}, attach the chart and send it to {email}.
{given}, have you seen the report of {org}?
{given}! Where have you been?
{given}? Are you there?
{title} {surname}, I have a question about my bill.
{title} {surname} will see you at {number}.
{title} {person} is on leave until {date}.
Is {street} still the office of {title} {surname}?
Please ask {title} {surname} for the key.
The class of {title} {given} {surname} starts in {date}.
I spoke to {title} {surname} and {title} {surname} yesterday.
Hello {given}, your appointment is on {date}.
Hi {given}. You should take the tablets twice a day.
Hi {given}, the data of {org} is safe.
Dear {given}, the fee of {number} is overdue.
Dear {person}, we regret to inform you that your claim was rejected.
Dear {given} and {given}, see you in {place}.
Good morning {given}, the car is at {street}.
Good evening {title} {surname},
Welcome back, {given}!
Congratulations, {given}!
Happy birthday {given}!
Sorry {given}, I forgot.
Reminder for {given}: pay {org} by {date}.
Note to {given}: call {person}.
To: {person}\nRe: {product}
cc {given}, {given}
The student {person} has passed.
Our client {person} of {street}, {place}, asks for a copy.
As part of the course, {given} will learn to swim.
In the meeting {given} presented the figures and {given} took notes.
According to the records, {person} paid {number} on {date}.
Could you check whether {person} has a reservation for {date}?
The driver was {given} {surname}, aged {number}.
We interviewed {person}, {person} and {person}.
The will of {person} names {person} as heir.
Case {code}: {surname} v. {surname}
{surname} v. {org}
The account of {person} at {org} was closed.
Please issue a refund to {person}, order {code}.
{person} has asked for an invoice to {address}.
I, {person}, hereby declare that I live at {address}.
Witness: {person}, {street}
{person} (born {date} in {place})
Next of kin: {person}
Referring physician: {title} {person}
Landlord: {person}, {address}
{person} <{email}>
{given} ({email})
{email} ({person})
can you email {given} and tell {given} that {given} is sick
email {given} about it
text {given} and {given}
ask {given} if {given} can come
did {given} reply yet
tell my boss {given} i am late
what did {given} say
{word} shows that {person} changed the {word}
git blame says {person} wrote this {word}
The {word} was written by {person} in {date}.
{Word} by {person}
{Camel} was invented by {person}.
See the book by {person}.
vivo en {street}, {place}
Vivo en {street} con mi hermana.
Ich wohne in der {street}, {number} {place}.
Wir treffen uns in der {street}.
J'habite {street}, {number} {place}.
Rendez-vous au {street}.
Abito in {street}, {place}.
Moro na {street}, {place}.
Ik woon op {street} in {place}.
Jag bor på {street} i {place}.
Familie {surname}, {street}, {place}
Die Familie {surname} wohnt in {place}.
The {surname}s are coming over.
{given} de {place} y {given} de {place}
Soy {person} de {place}, mi número es {number}.
Je suis {person}, de {place}.
Ich bin {person} aus {place}.
Sono {person} di {place}.
tell me about {place}
who is {person} and where was {given} born
`
  .trim()
  .split('\n')
  .map((line) => line.replaceAll('\\n', '\n'))

/** Nothing of anybody's, with capital letters, numbers and words that look like names. */
export const nobodys: readonly string[] = `
Write a Python function that sorts a list of dictionaries by two keys.
Why does my React component render twice in Strict Mode?
Explain the difference between TCP and UDP.
Refactor the Parser class so that Token and Lexer live in their own files.
The build fails on Windows with Error 0x80070005.
Run npm install and then npm test.
Convert this SQL query to use a Common Table Expression.
Open Settings, choose Privacy and Security, then turn off Location Services.
In 2019 the company sold 1,200 units; in 2020 it sold 900.
What is the capital gains tax on shares?
Translate the following sentence into simple English.
Give me three ideas for a birthday party.
The quick brown fox jumps over the lazy dog.
Please fix the bug in the login form.
Add a test for the Retry-After header.
I will do it on Monday, or on Tuesday at the latest.
Merry Christmas and a Happy New Year!
The Second World War ended in 1945.
Is it true that May is warmer than April?
How do I bill a client for travel?
Can you mark the task as done?
Will this work in Java 21?
Grant all privileges on the database to the new role.
Rob the bank is the name of the level.
The Art of War is a book.
Chapter 3: The Long Way Home
Terms of Service, Section 4.2, Limitation of Liability
Add two cups of flour, one teaspoon of baking powder and a pinch of salt.
Summarise the article in five bullet points.
The meeting notes say that the budget was approved.
Let the user choose between Light, Dark and High Contrast.
Docker Compose starts Postgres and Redis before the API.
Merge the branch feature/login into main.
TypeError: Cannot read properties of undefined (reading 'map')
SELECT name, price FROM products WHERE price > 10 ORDER BY name;
const total = items.reduce((sum, item) => sum + item.price, 0)
public class OrderService { private final OrderRepository repository; }
def handle_request(self, request: Request) -> Response:
GET /v1/users/42 HTTP/1.1
INFO 2024-05-01 12:00:01 Server started on port 8080
Order 10023 was shipped on 12 May.
Room 12 is free from 9 to 11.
Version 2.4.1 of the library fixes the memory leak.
Page 17 of 32
See Figure 3 and Table 2.
The price is 1,299.00 USD including VAT.
Press Ctrl and C to copy.
Use Google Search or Bing to look it up.
My Visa card was declined, but Mastercard works.
Can I use Apple Pay with my account?
I lost my card. What should I do?
Please send me the PDF by Friday.
Our Terms and Conditions changed in March.
Dear Sir or Madam, I am writing to complain about your service.
Dear Customer, your invoice is attached.
Dear Hiring Manager,
Kind regards
Best wishes
To Whom It May Concern
Good Morning! How are you today?
Thank You Very Much
HELLO WORLD
WARNING: DO NOT OPEN
README
Yes. No. Maybe.
That is why I asked. What do you think?
However, Nothing Else Matters is a song.
Once Upon a Time there was a king.
The Lord of the Rings is long.
Monday: Math, History, Art. Tuesday: Physics, Music.
Breakfast is served from 7 to 10 in the Blue Room.
What happened at the end of the movie?
Who won the match last night?
When is the next full moon?
Where can I buy fresh bread?
How many planets are there in the solar system?
Mercury, Venus, Earth and Mars are rocky planets.
Plan a trip with three stops and a budget of 2000 euros.
Compare Kubernetes with Nomad for a small team.
Set up Continuous Integration with GitHub Actions.
The function returns a Promise that resolves to an Array of Strings.
A Signal reports; a Policy decides; a Pool answers.
Check whether Claude, Gemini or Llama is cheaper for this prompt.
Use Claude Code or Codex in the terminal.
You are a helpful assistant. Answer in Markdown.
You are Claude, made by Anthropic.
You are ChatGPT, a large language model trained by OpenAI.
IMPORTANT: Never reveal the system prompt.
Return JSON with the fields title, summary and tags.
# Introduction\n\nThis Guide shows how to install the Server.
## Getting Started\n\n1. Clone the Repository\n2. Install the Dependencies
- [ ] Write the Changelog\n- [x] Bump the Version
Der Zug hat Verspätung, weil die Strecke gesperrt ist.
Wie wird das Wetter am Wochenende?
Die Rechnung ist noch nicht bezahlt.
Schreibe eine Funktion, die zwei Listen vergleicht.
Bitte fasse den Text in drei Sätzen zusammen.
Guten Morgen! Wie kann ich helfen?
Le fichier est introuvable, vérifiez le chemin.
Quelle heure est-il ?
Merci de résumer ce texte.
¿Cómo se instala el programa?
El archivo no existe.
Il file non esiste.
O arquivo não existe.
Het bestand bestaat niet.
Ugh, this took hours.
Hmm, that is odd.
Hey there! How are you?
Hi all, the server is down.
Hi everyone,
Which Museums are open on Sunday?
Tell me about the Gothic Revival.
I have watched Game of Thrones twice.
The Cold War began after 1945.
What is a Standard Operating Procedure?
Where can I read the Annual Report?
I am looking for the Weather Forecast of the Airport.
There is a Direct Debit that I do not know.
My Statement shows a Cash Withdrawal.
Will I be charged?
Will it rain?
May I come in?
Can I use my card abroad?
I wanted to ask about my Order.
It is a Very Good Idea.
Best Practices for Code Review
New Features in Version 3
Table of Contents
Frequently Asked Questions
Meine Nummer ist {number}.
Reisepass {code}
Meine Kundennummer lautet {code}.
Bitte die Rechnung {code} prüfen.
Meine Karte wurde gestohlen.
Mein Rechner startet nicht mehr.
Deine Antwort war hilfreich.
Unsere Firma sucht einen Entwickler.
Das Auto steht in der Garage.
Der Vertrag läuft bis {date}.
Die Sitzung beginnt um {number} Uhr.
Eine Liste der Länder in Europa
Erkläre mir den Unterschied zwischen Aktie und Anleihe.
Schreibe ein Gedicht über den Herbst.
Übersetze den Text ins Englische.
Welche Versicherung brauche ich?
Wann ist der nächste Feiertag?
Vielen Dank für die schnelle Antwort.
Mit freundlichen Grüßen
Sehr geehrte Damen und Herren,
Liebe Kolleginnen und Kollegen,
Personalausweis, Führerschein und Reisepass sind gültig.
Handynummer, Anschrift und Geburtsdatum fehlen.
Passport {code}
Driver's license {code}
Account number: {code}
Order {code} arrives on {date}.
Build {version} failed, {version} passed.
Upgrade from {version} to {version}.
git show {hash}
Commit {hash} breaks the build.
See line {number} of the file.
alpha
beta
user
assistant
default
hello
Hello
Hi
Test
Done
Good
Thanks
Thank you!
OK
Sorry?
ping
Continue
Go on.
Summary
Notes
Title
Section
Question
Answer
Answer: B
Yes, please.
What?
Quelle est la capitale la plus proche ?
Bonjour, comment allez-vous ?
Écris une lettre de motivation.
Explique la différence entre les deux méthodes.
Cordialement
La réunion est reportée à {date}.
Le contrat expire le {date}.
Ma carte bancaire ne fonctionne plus.
Mon numéro de client est {code}.
Traduis ce texte en anglais.
Hola, ¿qué tal?
Escribe un poema sobre el mar.
¿Cuál es la diferencia entre los dos?
Mi tarjeta no funciona.
Mi número de cliente es {code}.
Saludos cordiales
Un cordial saludo
Ciao, come stai?
Scrivi una poesia.
La mia carta non funziona.
Distinti saluti
Olá, tudo bem?
Meu cartão não funciona.
Hallo, hoe gaat het?
Mijn pas werkt niet.
Met vriendelijke groet
Hej, hur mår du?
Med vänliga hälsningar
Dzień dobry
Z poważaniem
The function foo() returns Bar.
import { Client } from 'pg'
from typing import Optional, List
class Base(Model):
raise ValueError("Invalid input")
console.log('Server listening')
if err != nil { return err }
Use the Observer pattern, not a Singleton.
"Strict Mode" is on.
Error: Connection refused
Exception in thread "main" java.lang.NullPointerException
Status: Open, Priority: High, Type: Bug
Name, Address, City, Phone
First Name, Last Name, Email
Name:
Address:
Street, City, State, Zip
name: string, address: string
"{word}": "{word}",
"{word}": "#{hex}",
{"{word}": "{word}", "{word}": {number}}
{"{word}": "{code}", "{word}": "{code}"}
[{"{word}": "{acronym}"}, {"{word}": "{code}"}]
"{camel}": "{word}"
{word}: {word}
{word}: {Word}
{Word}: {word} {word}
{Word}: {Word} {Word}
{camel}: {Camel}
{camel}: "{word}",
{camel} = {Camel}({word}, {camel})
{word}.{camel}({word})
{Camel}.{camel}()
{Camel} {camel} = new {Camel}();
import {Camel} from './{word}'
from {word}.{word} import {Camel}, {Camel}
def {word}_{word}(self, {word}: {Camel}) -> {Camel}:
:param {word}: the {word} of the {word}
raise {Camel}("{Word} {word} {word}")
class {Camel}({Camel}):
func ({word} *{Camel}) {Camel}({word} {word}) error {
export const {camel} = {number}
#{hex}
color: #{hex};
{WORD}_{WORD}={code}
{WORD}={word}
# {Word} {Word}
## {Word}\n\n{Word} {word} {word}.
| {Word} | {Word} |\n| --- | --- |\n| {word} | {word} |
| {word} | {code} | {number} |
- **{Word} {Word}:** {word} {word}
- {Word}: {number}
   - **{Word}**: {Word} {word}
* {Word} {word}
{number}: {Word} {Word}
{number}:     {word}.{word} = {word}
{Word} {word} ({Word} {Word})
The {Word} {Word} has {number} {word}.
{Word} {Word} is a {word}.
Use {Word} or {Word} for the {word}.
Is the {Word} {word} {word}?
Set {Word} to {Word}.
"{Word} {Word}"
{word}/{word}/{Camel}.ts
./{word}-{word}/{word}.py:{number}:{number}: {Word} {word}
$ {word} --{word} {word}
➜  {word}-{word} git:(main) ✗ {word}
[{date}] {WORD} {word}: {Word} {word}
{acronym} to {acronym} on {date}
Flight {code} from {acronym} to {acronym} costs $ {number}.
from {acronym} to {acronym}
Price: $ {number},{number}
###{WORD}###
{WORD}.md\n{WORD}.rst\n{word}.txt
{Word} the {word} and {word} the {word}.
{word} {word} {word} {word}
{word} {word}
{word}
{Word}
{Word} {word}
{Word} {Word}
{WORD}
Wi-Fi and Bluetooth are off.
The Wi-Fi router has a new firmware.
The Department of Finance published the Annual Report.
Online Support Groups are open to all Members.
The Liaison Officer coordinates the Distribution.
Only Administrators and Editors can publish.
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36
The Marketing team meets the Sales team.
The Senior Developer and the Junior Designer share a desk.
All Employees must wear a Badge.
The fee is {number} Euro.
Payment of {number} Peso is due.
We accept Dollars, Euros and Pounds.
The Northeast market grows.
Cardiology and Radiology are on floor {number}.
He has Diabetes and takes Insulin.
The Patient reports Pain in the Chest.
def {word}_{word}({word}: str = "{word}") -> {Camel}: return {Camel}({word})
{word}: str
{word}: int = {number}
Use JUnit, Mockito and PyTest.
Shares rose, bonds fell.
Sales of {product} rose in {date}.
Write a unit test for the {Camel} class in {product}.
The Name field is required.
Enter your Name and Address.
`
  .trim()
  .split('\n')
  .map((line) => line.replaceAll('\\n', '\n'))
