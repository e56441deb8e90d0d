FROM python:3.12-slim AS build
RUN python -m venv /opt/iop-es
ENV PATH=/opt/iop-es/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock /build/
RUN pip install -q --require-hashes -r /build/requirements.lock
COPY pyproject.toml /build/
COPY iop_es /build/iop_es
COPY aggregates /build/aggregates
COPY projections /build/projections
COPY api /build/api
RUN pip install -q --no-deps --no-build-isolation /build

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin iop && install -d -o iop -m 0700 /var/lib/iop-es \
    && install -d -o iop -m 0700 /var/lib/iop-es-log && install -d -o iop -m 0700 /var/lib/iop-es-witness \
    && install -d -o iop -m 0700 /var/lib/iop-es-keys
COPY --from=build /opt/iop-es /opt/iop-es
ENV PATH=/opt/iop-es/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER iop
WORKDIR /
EXPOSE 8020
ENTRYPOINT ["iop-es"]
CMD ["--help"]
