# syntax=docker/dockerfile:1

# ---- build: the environment, from pinned and hashed wheels --------------------------------
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv /opt/venv
COPY requirements.txt ./
RUN /opt/venv/bin/pip install --require-hashes --only-binary :all: -r requirements.txt
COPY . .
RUN /opt/venv/bin/pip install --no-deps --editable .

# ---- run: slim, not root, data on a volume ------------------------------------------------
FROM python:3.13-slim AS run
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    WHYBOARD_HOME=/data
RUN useradd --create-home --uid 10001 whyboard \
    && mkdir -p /data \
    && chown whyboard:whyboard /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER 10001
# Compile the common models once, so that the first fit in a new container does not wait for
# it. They lie in /data; an empty volume starts as a copy of what the image holds there.
RUN python -m core.jobs.prewarm
VOLUME ["/data"]
EXPOSE 8501
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4).read()"]
CMD ["whyboard", "app", "--port", "8501", "--host", "0.0.0.0"]
