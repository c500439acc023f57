from gitlab.mixins import CRUDMixin, ObjectDeleteMixin, SaveMixin
from gitlab.v4.objects.issues import ProjectIssueManager
from gitlab.v4.objects.merge_requests import ProjectMergeRequestManager

class Project(SaveMixin, ObjectDeleteMixin):
    issues: ProjectIssueManager
    mergerequests: ProjectMergeRequestManager

class ProjectManager(CRUDMixin):
    @blocks("http", unless="lazy == True")
    def get(self, id, lazy=False, **kwargs) -> Project: ...
