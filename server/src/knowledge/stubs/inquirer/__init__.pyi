from inquirer.prompt import prompt as prompt
