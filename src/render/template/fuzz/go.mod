module fairway.example/fuzz

go 1.24
