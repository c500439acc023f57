from questionary.prompts.checkbox import checkbox as checkbox
from questionary.prompts.confirm import confirm as confirm
from questionary.prompts.password import password as password
from questionary.prompts.select import select as select
from questionary.prompts.text import text as text
from questionary.question import Question as Question
