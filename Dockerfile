# Backchannel in one process with SQLite: docker build --tag backchannel . && docker run -p 8000:8000 backchannel
# The first stage builds the wheel, the browser side in it; the second has neither compilers nor Node.

FROM python:3.11-slim AS build
WORKDIR /source
COPY pyproject.toml hatch_build.py constraints.txt README.md LICENSE ./
COPY connectors connectors
COPY aggregator aggregator
COPY web web
RUN python -m venv /opt/backchannel \
 && /opt/backchannel/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.11-slim
COPY --from=build /opt/backchannel /opt/backchannel
RUN useradd --uid 1000 --create-home --shell /usr/sbin/nologin backchannel \
 && install --directory --owner=backchannel --group=backchannel /data
USER backchannel
WORKDIR /data
ENV PATH=/opt/backchannel/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    BACKCHANNEL_DATA_DIR=/data \
    BACKCHANNEL_HOST=0.0.0.0 \
    BACKCHANNEL_LOG_FORMAT=json
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request as http; http.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["backchannel", "serve", "--port", "8000"]
