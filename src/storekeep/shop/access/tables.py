"""Staff, what each may do, and their sessions. Only hashes of secrets are kept."""

from sqlalchemy import CheckConstraint, Index, Table

from storekeep.kernel.schema import at, id_column, integer, metadata, ref, text

staff = Table(
    "staff",
    metadata,
    id_column(),
    text("email", unique=True),
    text("name"),
    text("password_hash"),
    text("role"),
    text("status"),
    integer("refund_limit_minor"),
    at("created_at"),
    CheckConstraint("role IN ('owner', 'warehouse', 'agent', 'accountant')", name="role"),
    CheckConstraint("status IN ('active', 'disabled')", name="status"),
    CheckConstraint("email = lower(email)", name="email_form"),
    CheckConstraint("refund_limit_minor >= 0", name="limit"),
)

staff_session = Table(
    "staff_session",
    metadata,
    text("token_hash", primary_key=True),
    ref("staff_id", "staff.id"),
    at("created_at"),
    at("expires_at"),
    at("ended_at", nullable=True),
    Index("ix_staff_session_staff", "staff_id"),
)

#: Attempts to log in, kept to slow down guessing: by e-mail address and by network address.
login_failure = Table(
    "login_failure",
    metadata,
    id_column(),
    text("subject"),
    at("failed_at"),
    Index("ix_login_failure_subject", "subject", "failed_at"),
)
