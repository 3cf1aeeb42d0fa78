FROM python:3.11-slim

# Health and metrics are served within the container; [metrics] host in config.toml lets others on its network ask.
ENV PYTHONUNBUFFERED=1 PYTHONPATH=/app MPLCONFIGDIR=/tmp/matplotlib METRICS_PORT=9464

COPY requirements.lock /app/
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /app/requirements.lock

COPY bot /app/bot
COPY cogs /app/cogs
COPY db /app/db
COPY migrations /app/migrations
RUN python -m compileall -q /app

# config.toml, the database, its backups and the key file live in the volumes.
RUN useradd --system --uid 10001 --home-dir /data peer-circles \
    && install -d -m 0700 -o peer-circles -g peer-circles /data /data/keys
USER peer-circles
WORKDIR /data
VOLUME ["/data", "/data/keys"]

HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-m", "bot.healthcheck"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
