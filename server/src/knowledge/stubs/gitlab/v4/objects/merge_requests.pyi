from gitlab.mixins import CRUDMixin, ObjectDeleteMixin, SaveMixin

class ProjectMergeRequest(SaveMixin, ObjectDeleteMixin):
    @blocks("http")
    def merge(self, merge_commit_message=None, **kwargs): ...

class ProjectMergeRequestManager(CRUDMixin):
    @blocks("http", unless="lazy == True")
    def get(self, id, lazy=False, **kwargs) -> ProjectMergeRequest: ...
