from gitlab.mixins import CRUDMixin, ObjectDeleteMixin, SaveMixin

class ProjectIssue(SaveMixin, ObjectDeleteMixin): ...

class ProjectIssueManager(CRUDMixin):
    @blocks("http", unless="lazy == True")
    def get(self, id, lazy=False, **kwargs) -> ProjectIssue: ...
