using System.Net.Mime;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Api;

/// <summary>
/// Lets in whoever has the key: programs send it as a bearer token, browsers get a cookie for it that is derived from the key, so
/// that every aggregator of several knows it and a new key makes it void. Without a key everybody on this machine is let in.
/// </summary>
internal sealed class ApiKey(
    IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory loggers, UrlEncoder encoder, IOptions<ApiOptions> options)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, loggers, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string Cookie = "fedqueue";

    /// <summary>Policy of what only shows something.</summary>
    public const string Read = "read";

    /// <summary>Policy of what changes something, and of weights and forecasts, which may tell of the data.</summary>
    public const string Write = "write";

    /// <summary>The cookie's value for a key.</summary>
    public static string CookieOf(string key) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), "fedqueue dashboard"u8));

    /// <summary>Whether two secrets are equal, in a time that does not say where they differ.</summary>
    public static bool Same(string a, string b) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(a)), SHA256.HashData(Encoding.UTF8.GetBytes(b)));

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (options.Value.Key is not { Length: > 0 } key)
            return Task.FromResult(Known());

        const string bearer = "Bearer ";
        if (Request.Headers.Authorization.ToString() is var sent && sent.StartsWith(bearer, StringComparison.OrdinalIgnoreCase))
            return Task.FromResult(Same(sent[bearer.Length..].Trim(), key) ? Known() : AuthenticateResult.Fail("The key is not this aggregator's."));
        return Task.FromResult(Request.Cookies[Cookie] is { } cookie && Same(cookie, CookieOf(key)) ? Known() : AuthenticateResult.NoResult());
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (!IsForPeople())
        {
            Response.Headers.WWWAuthenticate = "Bearer";
            return Results.Problem(
                "This aggregator wants its key: send the header 'Authorization: Bearer KEY', or with the fedqueue command --key or FEDQUEUE_API_KEY.",
                statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(Context);
        }

        Response.Redirect($"/sign-in?to={Uri.EscapeDataString(Request.Path)}");
        return Task.CompletedTask;
    }

    private bool IsForPeople() =>
        HttpMethods.IsGet(Request.Method) && !Request.Path.StartsWithSegments("/api") && Request.Headers.Accept.ToString().Contains(MediaTypeNames.Text.Html, StringComparison.Ordinal);

    private AuthenticateResult Known() =>
        AuthenticateResult.Success(new(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "key")], Scheme.Name)), Scheme.Name));
}

internal static class ApiKeyRegistration
{
    public static IServiceCollection AddApiKey(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<ApiOptions, ApiOptionsValidator>()
            .BindConfiguration(ApiOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true)
            .Services.AddSingleton<IValidateOptions<ApiOptions>, ApiKeyValidator>();
        services.AddAuthentication(ApiKey.SchemeName).AddScheme<AuthenticationSchemeOptions, ApiKey>(ApiKey.SchemeName, null);
        services.AddAuthorization();
        services.AddOptions<AuthorizationOptions>().Configure<IOptions<ApiOptions>>((authorization, api) =>
        {
            authorization.AddPolicy(ApiKey.Write, policy => policy.RequireAuthenticatedUser());
            authorization.AddPolicy(ApiKey.Read, policy => policy.RequireAssertion(
                context => api.Value.PublicRead || context.User.Identity?.IsAuthenticated == true));
        });
        return services;
    }
}
