
 	# hello
 FROM scratch
  run	echo  a
\
  CMD ["x"]
   
rUn \


# c
\
  z
LABEL a=b \
  c="d \
  e"
WORKDIR /a b
