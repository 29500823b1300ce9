"""Agencies, the people in them, and the posts they hold (机构、人员、岗位、授权)."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from anjuan.core.terms import AgencyKind, AgencyProfile, Post


class Agency(models.Model):
    """An office (机构). ``path`` is the materialised way from the root, ``/SJ/BH/``: covering is a prefix test."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in AgencyKind])
    profile = models.CharField(max_length=8, choices=[(profile.value, profile.value) for profile in AgencyProfile])
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    path = models.CharField(max_length=120, unique=True)

    class Meta:
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Staff(AbstractBaseUser):
    """A person who works here (工作人员). The staff code is what the journal keeps, for ever."""

    staff_code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "staff_code"
    REQUIRED_FIELDS = ["name"]

    objects = BaseUserManager["Staff"]()

    class Meta:
        verbose_name_plural = "staff"

    def __str__(self) -> str:
        return f"{self.staff_code} {self.name}"

    def get_username(self) -> str:
        return self.staff_code


class Appointment(models.Model):
    """A post held at an agency, from a day to a day (任职)."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    post = models.CharField(max_length=20, choices=[(post.value, post.value) for post in Post])
    since_date = models.DateField()
    until_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "agency", "post"], condition=models.Q(until_date=None), name="one_open_appointment"
            ),
            models.CheckConstraint(
                condition=models.Q(post__in=[post.value for post in Post]), name="appointment_to_a_known_post"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.post}@{self.agency_id}"


class Authorisation(models.Model):
    """A leave to read one restricted item, from a moment to a moment (限时授权). It ends by itself, or is ended."""

    uid = models.CharField(max_length=16, unique=True)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=60, db_index=True)
    reason = models.CharField(max_length=200)
    since = models.DateTimeField()
    until = models.DateTimeField()
    given_by = models.CharField(max_length=40)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "unit"], condition=models.Q(ended_at=None), name="one_leave_a_person_and_unit"
            ),
            models.CheckConstraint(condition=models.Q(until__gt=models.F("since")), name="leave_runs_out"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.unit} until {self.until}"


class AccessToken(models.Model):
    """A bearer token of the API (接口令牌): only its digest is kept."""

    token_digest = models.CharField(max_length=64, unique=True)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.staff_id} until {self.expires_at}"
