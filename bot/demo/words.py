"""What simulated members are called and say: small banks of words to draw from, all of them invented."""

from dataclasses import dataclass

from bot.domain.concerns import Theme
from bot.domain.goals import GoalPath
from bot.domain.states import OpportunityKind


@dataclass(frozen=True, slots=True)
class Place:
    """Where simulated members live: an IANA zone, the city they type, and names that are common there."""

    zone: str
    city: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """An opportunity that somebody shares, open for some weeks."""

    kind: OpportunityKind
    title: str
    topics: str
    weeks: int
    remote: bool


PLACES = (
    Place("America/New_York", "New York", ("Alicia", "Brianna", "Carmen", "Danielle", "Elaine", "Faith")),
    Place("Europe/Berlin", "Berlin", ("Annika", "Aylin", "Greta", "Johanna", "Lena", "Miriam")),
    Place("Asia/Kolkata", "Kolkata", ("Ananya", "Devika", "Ishani", "Kavya", "Meera", "Riya")),
    Place("Africa/Lagos", "Lagos", ("Adaeze", "Bisi", "Chioma", "Folake", "Ngozi", "Yetunde")),
    Place("Europe/London", "London", ("Bronwen", "Harriet", "Imogen", "Niamh", "Shreya", "Zadie")),
    Place("America/Sao_Paulo", "Sao Paulo", ("Beatriz", "Camila", "Fernanda", "Luana", "Marina", "Tainá")),
    Place("America/Los_Angeles", "Los Angeles", ("Angela", "Desiree", "Hana", "Maya", "Noemi", "Willa")),
    Place("Africa/Nairobi", "Nairobi", ("Achieng", "Akinyi", "Makena", "Njeri", "Wambui", "Zawadi")),
    Place("America/Mexico_City", "Mexico City", ("Citlali", "Lupita", "Paloma", "Regina", "Sofía", "Ximena")),
    Place("Africa/Cairo", "Cairo", ("Dalia", "Farida", "Hanan", "Nadia", "Salma", "Yasmine")),
    Place("Asia/Manila", "Manila", ("Althea", "Divina", "Jasmin", "Liezel", "Maricel", "Tala")),
    Place("Asia/Karachi", "Karachi", ("Amna", "Hira", "Mahnoor", "Sana", "Zara", "Zoya")),
    Place("Asia/Tokyo", "Tokyo", ("Akari", "Emi", "Haruka", "Keiko", "Sakura", "Yuki")),
    Place("Australia/Sydney", "Sydney", ("Bindi", "Charlotte", "Kirra", "Matilda", "Pia", "Tahlia")),
)

SPOKEN = {
    "Africa/Cairo": "Arabic",
    "Africa/Nairobi": "Swahili",
    "America/Mexico_City": "Spanish",
    "America/Sao_Paulo": "Portuguese",
    "Asia/Karachi": "Urdu",
    "Asia/Kolkata": "Hindi",
    "Asia/Manila": "Tagalog",
    "Asia/Tokyo": "Japanese",
    "Europe/Berlin": "German",
}

TOPICS = (
    "code review",
    "conference talks",
    "databases",
    "first job",
    "giving feedback",
    "job interviews",
    "leading a team",
    "machine learning",
    "negotiating salary",
    "open source",
    "Python",
    "research funding",
    "returning to work",
    "saying no",
    "statistics",
    "visibility at work",
    "working remotely",
    "writing papers",
)

WINS = (
    "I said what I think in the design meeting, and we took it.",
    "My first pull request to a project I use every day was merged.",
    "I finished the chapter that I had put off since autumn.",
    "A colleague asked me to explain my analysis to her team.",
    "I slept before the deadline instead of after it.",
    "The experiment worked on the third try.",
    "I asked for a raise. The answer is open, but I asked.",
    "Two new students joined my tutorial because of a friend's word.",
    "I deleted four hundred lines and nothing broke.",
    "My talk was accepted.",
    "I kept Friday afternoon free for reading, as I had planned.",
    "I reviewed a paper and the editor thanked me for the tone.",
    "I found the error that three of us had looked for.",
    "I said no, and the world went on.",
    "Somebody quoted my blog post in a meeting.",
    "I mentored an intern through her first release.",
)

CHALLENGES = (
    "I still hear a voice that says the others will find me out.",
    "Three projects, and each believes that it is the only one.",
    "My mentor moved on and I have to find my way to the new lead.",
    "Childcare fell through twice this week.",
    "I rewrote one paragraph all Tuesday.",
    "The tests fail on a machine that I cannot look at.",
    "In the interview I forgot everything I know about hash tables.",
    "I am the only woman in the on-call group and tired of taking the notes.",
    "The reviewer wants a study that would take a year.",
    "I say yes too quickly.",
    "My code works, and I cannot say why.",
    "I compare my first year with everybody else's tenth.",
    "The meeting was moved to my midnight again.",
    "I was interrupted, and I let it go.",
    "The grant is due on the same day as the thesis.",
    "I do not know whom to ask, and so I do not ask.",
)

ASKS = (
    "Could somebody read my abstract before Thursday?",
    "How did you bring up salary for the first time?",
    "Who has changed teams inside a company and would tell me how it went?",
    "I would like to rehearse my talk with two of you.",
    "Which book on statistics would you read again?",
    "Does anybody have a good template for a project plan?",
    "Could one of you ask me interview questions for half an hour?",
)

PROGRESS = (
    "The first half is written; next comes the part that I fear.",
    "Two applications are sent, one is left.",
    "I have a date for the conversation with my manager.",
    "Slow, but I know now what the next step is.",
    "Done, and I am choosing a new goal.",
    "I made a plan for six weeks and told a friend about it.",
    "Nothing yet; I will begin smaller.",
)

AIMS = (
    (GoalPath.SKILL, "Read one paper a week and write three lines on it"),
    (GoalPath.SKILL, "Finish the course on statistics"),
    (GoalPath.VISIBILITY, "Give a talk at the local meetup"),
    (GoalPath.VISIBILITY, "Present my own results in the group meeting"),
    (GoalPath.PROMOTION, "Write down the case for my promotion"),
    (GoalPath.NEGOTIATION, "Ask for the raise, with numbers"),
    (GoalPath.JOB_CHANGE, "Send four applications"),
    (GoalPath.VENTURE, "Talk to ten people who might buy it"),
    (GoalPath.PUBLICATION, "Submit the second paper"),
    (GoalPath.LEADING, "Give everybody in my team feedback once"),
)

PRAISE = (
    "You asked the question that made my plan simple. Thank you.",
    "The way you told us about your interview gave me courage for mine.",
    "You read my abstract at night, and it is so much better now.",
    "You made room for those of us who are slow to speak.",
)

THANKS = (
    "You kept the time and still made room for everybody.",
    "I liked that you asked each of us what we need before we began.",
    "Next time, perhaps begin with the one who spoke least the week before.",
)

BARRIERS = (
    (Theme.TASKS, "The notes and the birthday cakes always come to the same two of us."),
    (Theme.EVALUATION, "My review says that I should smile more."),
    (Theme.PROMOTION, "Nobody can tell me what the next level asks for."),
    (Theme.CARE, "Every planning meeting is at the hour at which I fetch my child."),
    (Theme.PAY, "I learned by chance what the others were offered."),
)

ANSWER = "Thank you for telling us. We take it to the next meeting with the institute, without any name."

SHARED = (
    Sharing(OpportunityKind.JOB, "Data engineer, part time possible", "databases, Python", 4, remote=True),
    Sharing(OpportunityKind.TALK, "Call for talks: the spring conference", "conference talks", 3, remote=False),
    Sharing(OpportunityKind.GRANT, "Travel grants for first papers", "research funding", 6, remote=False),
    Sharing(OpportunityKind.COLLABORATION, "Looking for two to review our tutorial", "code review", 5, remote=True),
)
