FROM scratch
RUN a \
  # c

  b \ 	
 c
USER me
RUN echo \\
RUN x\
y
