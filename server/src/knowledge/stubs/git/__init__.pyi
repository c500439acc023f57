# loopguard: complete

from git.cmd import Git as Git
from git.index.base import IndexFile as IndexFile
from git.remote import Remote as Remote
from git.repo.base import Repo as Repo
