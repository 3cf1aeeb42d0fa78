"""Discord's own error codes that are told apart in more than one place."""

UNKNOWN_MEMBER = 10007
UNKNOWN_MESSAGE = 10008
THREAD_ARCHIVED = 50083
