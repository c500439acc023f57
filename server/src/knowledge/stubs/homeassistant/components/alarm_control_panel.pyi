# Where an entity overrides the sync method, its service calls it in the executor.

@runs("thread", methods="alarm_disarm alarm_arm_home alarm_arm_away alarm_arm_night alarm_arm_custom_bypass alarm_trigger")
class AlarmControlPanelEntity: ...
