using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using SkiaSharp;

/// <summary>Images as clients send them. Whatever is wrong with one is the client's affair, and a <see cref="BadHttpRequestException"/> that says what.</summary>
internal static class UploadedImage
{
    private static readonly SKEncodedImageFormat[] Formats = [SKEncodedImageFormat.Png, SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Bmp, SKEncodedImageFormat.Gif, SKEncodedImageFormat.Webp];

    /// <summary>The bytes of the one file of a form (multipart/form-data), or of the body itself.</summary>
    public static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!request.HasFormContentType)
            return await ReadToEndAsync(request.Body, cancellation);
        try
        {
            var files = (await request.ReadFormAsync(cancellation)).Files;
            if (files.Count != 1)
                throw new BadHttpRequestException($"The form has {files.Count} files; expected one, an image.");
            await using var content = files[0].OpenReadStream();
            return await ReadToEndAsync(content, cancellation);
        }
        catch (Exception exception) when (exception is InvalidDataException || exception.GetType() == typeof(IOException))
        {
            throw new BadHttpRequestException($"The form cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Decodes an image as ML.NET does where it reads files, but looks at the size first and refuses images that are cut off.</summary>
    /// <param name="bytes">A whole image file.</param>
    /// <param name="maximumPixels">The most that width times height may be.</param>
    public static MLImage Decode(byte[] bytes, int maximumPixels)
    {
        if (bytes.Length == 0)
            throw new BadHttpRequestException("The request has no content; expected an image, as the body or as a form's file.");
        using var data = SKData.CreateCopy(bytes);
        using var codec = SKCodec.Create(data);
        if (codec is null || !Formats.Contains(codec.EncodedFormat))
            throw new BadHttpRequestException($"The upload is no image that can be read; expected {string.Join(", ", Formats)}.", StatusCodes.Status415UnsupportedMediaType);
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > maximumPixels)
            throw new BadHttpRequestException($"The image has {width} x {height} pixels; expected at most {maximumPixels} in all.", StatusCodes.Status422UnprocessableEntity);

        var pixels = new byte[width * height * 4];
        var handle = GCHandle.Alloc(pixels, GCHandleType.Pinned);
        try
        {
            var decoded = codec.GetPixels(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Premul), handle.AddrOfPinnedObject());
            return decoded == SKCodecResult.Success
                ? MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, pixels)
                : throw new BadHttpRequestException($"The image cannot be decoded ({decoded}); expected a whole file.", StatusCodes.Status422UnprocessableEntity);
        }
        finally
        {
            handle.Free();
        }
    }

    private static async Task<byte[]> ReadToEndAsync(Stream stream, CancellationToken cancellation)
    {
        using var memory = new MemoryStream();
        await stream.CopyToAsync(memory, cancellation);
        return memory.ToArray();
    }
}
