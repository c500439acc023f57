# loopguard: complete
#
# Making an environment runs ensurepip in a child.

@blocks("process")
def create(env_dir, system_site_packages=False): ...

class EnvBuilder:
    @blocks("process")
    def create(self, env_dir): ...
    @blocks("process")
    def upgrade_dependencies(self, context): ...
