from crewai.crew import Crew as Crew
