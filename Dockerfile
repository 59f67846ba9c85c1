FROM python:3.11-slim

RUN useradd --create-home --uid 10001 dews \
    && install -d -o dews -g dews /opt/dews /opt/airflow /opt/airflow/logs /var/lib/dews
WORKDIR /opt/dews

# The dependencies alone, so that a change of our own code does not install them again.
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
print(*p['dependencies'], *p['optional-dependencies']['celery'], sep='\n')" > /tmp/wanted.txt \
    && pip install --no-cache-dir --requirement /tmp/wanted.txt --constraint constraints.txt

COPY . .
RUN pip install --no-cache-dir --no-deps --editable . && python -m compileall -q .

USER dews
ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/dews/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION=False \
    DEWS_HOME=/var/lib/dews \
    GX_ANALYTICS_ENABLED=False \
    PYTHONUNBUFFERED=1
CMD ["dews", "--help"]
