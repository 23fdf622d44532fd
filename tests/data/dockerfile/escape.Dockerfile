# escape=`
# syntax=docker/dockerfile:1
FROM scratch AS w
RUN dir `
 # c
 C:\
COPY a b\
