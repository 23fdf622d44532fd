FROM scratch
RUN cat<<EOF
RUN cat <<<EOF
RUN echo $((1<<2)) "<<Q" '<<R'
RUN ["a", "<<EOF"]
ENV A=<<EOF
CMD <<EOF
RUN a < b
RUN echo "unclosed <<EOF
RUN ["a" <<EOF
x
EOF
