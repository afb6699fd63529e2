"""Letters: handed to a mail server, or laid in an outbox folder where none is set."""

from ojas.kit.mail.post import Letter, Outbox, Post, SmtpServer, post_of

__all__ = ["Letter", "Outbox", "Post", "SmtpServer", "post_of"]
