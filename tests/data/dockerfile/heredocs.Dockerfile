FROM scratch
RUN <<A <<-B cat
one
A
	two
	B
COPY --chmod=0755 << EOF /x
# kept
EOF
RUN 3<<"q r" x
<<EOF
q r
ONBUILD RUN <<X
Y
X
ADD <<-'E$1' /z
		E$1
RUN <<\EOF
b
EOF
