// Shows the description that lies beside the folder of this script, wherever the service is mounted.
SwaggerUIBundle({
  url: new URL("../openapi.json", document.currentScript.src).href,
  dom_id: "#operations",
  deepLinking: true,
  docExpansion: "list",
  // Nothing is sent anywhere but to this service.
  validatorUrl: null,
});
