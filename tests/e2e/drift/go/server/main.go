package main

import "fmt"

var buildTime = "unknown"

func main() { fmt.Println("server, built", buildTime) }
