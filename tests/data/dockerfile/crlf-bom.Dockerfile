# syntax=docker/dockerfile:1
FROM scratch
RUN a \
  b
COPY <<EOF /x
body
EOF
USER u