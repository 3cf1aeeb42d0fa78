"""Everything that is measured, by the names under which docs/operating.md explains it."""

from bot.metrics import Family, Kind

LAG = Family(
    "peer_circles_event_loop_lag_seconds", Kind.HISTOGRAM, "How late the event loop was, at each of its looks."
)
DATABASE_UP = Family(
    "peer_circles_database_up", Kind.GAUGE, "Whether the database answered what this page asked of it."
)
OVERDUE = Family("peer_circles_oldest_due_seconds", Kind.GAUGE, "For how long the schedule that waits longest is due.")
OUTBOX = Family("peer_circles_outbox_deliveries", Kind.GAUGE, "Deliveries that have still to leave, by state.")
LATE = Family("peer_circles_outbox_late_seconds", Kind.GAUGE, "For how long a delivery that might leave was not taken.")
OLDEST = Family("peer_circles_outbox_oldest_seconds", Kind.GAUGE, "The age of the oldest delivery that has to leave.")
ATTEMPTS = Family("peer_circles_delivery_attempts_total", Kind.COUNTER, "Attempts at deliveries, by what came of them.")
STOPPED = Family("peer_circles_deliveries_stopped", Kind.GAUGE, "Whether deliveries rest after too many refusals.")
ANSWERS = Family("peer_circles_discord_answers_total", Kind.COUNTER, "Answers of Discord's, by HTTP status.")
INVALID = Family("peer_circles_discord_invalid_total", Kind.COUNTER, "Requests that Discord counts as invalid.")
CONNECTED = Family("peer_circles_gateway_connected", Kind.GAUGE, "Whether a shard is connected to Discord.")
LATENCY = Family(
    "peer_circles_gateway_latency_seconds", Kind.GAUGE, "How long Discord took to answer a shard's last beat."
)
CLOCK = Family("peer_circles_clock_running", Kind.GAUGE, "Whether it is looked at what is due.")
BACKUP = Family("peer_circles_last_backup_timestamp_seconds", Kind.GAUGE, "When the newest nightly copy was made.")
LINES = Family("peer_circles_log_lines_total", Kind.COUNTER, "Lines logged as a warning or worse, by level.")
STARTED = Family("process_start_time_seconds", Kind.GAUGE, "When the process began to serve.")
CPU = Family("process_cpu_seconds_total", Kind.COUNTER, "The processor time that the process has used.")
MEMORY = Family("process_resident_memory_bytes", Kind.GAUGE, "The memory that the process holds.")
FILES = Family("process_open_fds", Kind.GAUGE, "The files and connections that the process has open.")
