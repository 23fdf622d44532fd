FROM scratch
RUN last \
