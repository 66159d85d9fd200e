module fairway.local/go-templates

go 1.21
