#!/bin/x
# escape=`
FROM scratch
RUN a \
 b
RUN ${x:-<<E} $((1))
RUN $a<<E b
RUN << "E" << F
1
E
2
F
