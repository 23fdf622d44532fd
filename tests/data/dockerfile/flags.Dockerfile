ARG A=1
FROM --platform=linux/amd64 scratch AS x
RUN --mount=type=cache,target="/a b" --network=none --  --x y
COPY --from="x" --chown=1:\ 2 a b
ADD --checksum=sha256:1 --keep-git-dir a b
HEALTHCHECK --interval=5s CMD x --y
RUN -- --x
RUN --a\
--b c
ENV --x=1
