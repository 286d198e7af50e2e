#!/usr/bin/env dotnet
#:package SkiaSharp
#:package SkiaSharp.NativeAssets.Linux.NoDependencies

// Draws the packages' icon: an image (the dot), all that the budget allows around it (the ring), and a decision boundary that stays outside.
// dotnet run build/icon.cs -- nuget/icon.png
using SkiaSharp;

const int Size = 128;
using var bitmap = new SKBitmap(Size, Size, SKColorType.Rgba8888, SKAlphaType.Premul);
using var canvas = new SKCanvas(bitmap);
canvas.Clear(SKColors.Transparent);
canvas.ClipRoundRect(new SKRoundRect(new SKRect(0, 0, Size, Size), 20), antialias: true);
canvas.Clear(new SKColor(0x1b, 0x3a, 0x5c));

using var otherClass = new SKPaint { Color = new SKColor(0xe0, 0x7a, 0x3f), IsAntialias = true };
using var region = new SKPath();
region.MoveTo(Size, 0);
region.LineTo(64, 0);
region.CubicTo(80, 26, 112, 36, 106, 70);
region.CubicTo(101, 96, 96, 110, Size, 116);
region.Close();
canvas.DrawPath(region, otherClass);

using var white = new SKPaint { Color = SKColors.White, IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeWidth = 5 };
canvas.DrawCircle(56, 70, 36, white);
white.Style = SKPaintStyle.Fill;
canvas.DrawCircle(56, 70, 9, white);

using var png = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
using var file = File.Create(args[0]);
png.SaveTo(file);
